/** Size classes, as libs/sealing has them: the few lengths a reply may have. All in bytes. */

export const MESSAGE_CLASS = 16 * 1024;
export const FILE_CLASS = 64 * 1024;

/** The smallest Padmé length that is not below `length` (below 2^31: replies are at most 1 MiB). */
export function padme(length: number): number {
  if (length < 2) return length;
  const exponent = 31 - Math.clz32(length);
  const mask = (1 << (exponent - (32 - Math.clz32(exponent)))) - 1;
  return (length + mask) & ~mask;
}

/** Total ZIP length a reply of `zipBytes` is padded to. */
export function replyClass(zipBytes: number): number {
  return zipBytes <= MESSAGE_CLASS ? MESSAGE_CLASS : padme(Math.max(zipBytes, FILE_CLASS));
}
