/**
 * Signed envelopes, as libs/sealing writes them: `{"body": base64, "by": hex public key, "sig": base64}`.
 * The Ed25519 signature is over "sealdrop/" + context + NUL + body, so that one kind never passes for another.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, decodeText, encodeText, fromBase64, fromHex } from "./bytes";

/** Something did not verify. Nothing is sealed to anybody then. */
export class NotTrusted extends Error {}

/** The body, if one of `keys` (hex) signed it for this context. Throws NotTrusted for everything else. */
export function openEnvelope(keys: readonly string[], context: string, blob: Uint8Array): Record<string, unknown> {
  try {
    return open(keys, context, blob);
  } catch (error) {
    if (error instanceof NotTrusted) throw error;
    throw new NotTrusted("not a signed envelope");
  }
}

function open(keys: readonly string[], context: string, blob: Uint8Array): Record<string, unknown> {
  const envelope = record(JSON.parse(decodeText(blob)));
  const { body, by, sig } = envelope;
  if (Object.keys(envelope).length !== 3 || !isText(body) || !isText(by) || !isText(sig)) {
    throw new NotTrusted("the envelope has other fields");
  }
  if (!keys.includes(by)) throw new NotTrusted("signed by a key that is not pinned here");
  const raw = fromBase64(body);
  const signed = concat(encodeText(`sealdrop/${context}\0`), raw);
  // zip215 false: the strict rules of RFC 8032, as the servers use.
  if (!ed25519.verify(fromBase64(sig), signed, fromHex(by), { zip215: false })) {
    throw new NotTrusted("the signature does not verify");
  }
  return record(JSON.parse(decodeText(raw)));
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new NotTrusted("not an object");
  return value as Record<string, unknown>;
}
