/**
 * A reply, sealed: a stored ZIP of exactly one size class, inside one age file to the source and the newsroom.
 * Pure: no network, no page. The worker checks recipients' kind and count, and the length, to the byte.
 */
import { Encrypter } from "age-encryption";
import { zipSync, type Zippable } from "fflate";
import { encodeText } from "./bytes";
import { replyClass } from "./padding";

/** As many as a source may write in one message. */
export const MOST_CHARACTERS = 100_000;
const MOST_FILE_BYTES = 1024 * 1024;

/** The text cannot be a reply. */
export class BadReply extends Error {}

export interface SealedReply {
  readonly itemId: string;
  readonly file: Uint8Array<ArrayBuffer>;
}

/** `sourceRecipient` and `recipients` have been verified (trust.ts). Throws BadReply. */
export async function sealReply(
  text: string,
  sourceRecipient: string,
  recipients: readonly string[],
  itemId: string = crypto.randomUUID(),
): Promise<SealedReply> {
  const encrypter = new Encrypter();
  for (const recipient of [sourceRecipient, ...recipients]) encrypter.addRecipient(recipient);
  const file = await encrypter.encrypt(paddedZip(text, itemId, sourceRecipient));
  if (file.length > MOST_FILE_BYTES) throw new BadReply("The reply is too long.");
  return { itemId, file: new Uint8Array(file) };
}

/** The plaintext of the age file: manifest, text, and zeros up to the size class. */
export function paddedZip(text: string, itemId: string, sourceRecipient: string): Uint8Array<ArrayBuffer> {
  const content = text.trim();
  if (content === "") throw new BadReply("The reply is empty.");
  if ([...content].length > MOST_CHARACTERS) throw new BadReply("The reply is too long.");
  const manifest = { v: 1, item_id: itemId, kind: "reply", reply_recipient: sourceRecipient, name: null };
  const used = storedZip(manifest, content, 0).length;
  return new Uint8Array(storedZip(manifest, content, replyClass(used) - used));
}

function storedZip(manifest: object, content: string, padBytes: number): Uint8Array {
  const members: Zippable = {
    "manifest.json": encodeText(JSON.stringify(manifest)),
    "content/message.txt": encodeText(content),
    ".pad": new Uint8Array(padBytes),
  };
  // One fixed time: a ZIP says nothing of when it was made. (fflate writes local time; this date is local, too.)
  return zipSync(members, { level: 0, mtime: new Date(1980, 0, 1, 12) });
}
