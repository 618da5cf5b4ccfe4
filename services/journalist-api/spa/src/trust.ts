/** Whom a reply may be sealed to: decided here, by signatures, not by the server that asks for it. */
import { fromBase64 } from "./bytes";
import { NotTrusted, openEnvelope } from "./envelope";
import type { Pins } from "./pins";

export const SOURCE_CARD_CONTEXT = "source-card/v1";
export const KEYSET_CONTEXT = "keyset/v1";

const HYBRID = /^age1pq1[02-9ac-hj-np-z]+$/;
const MOST_RECIPIENTS = 16;

export interface Keyset {
  readonly generation: number;
  readonly recipients: readonly string[];
  readonly newsroom: string;
}

/** The source's recipient, if a pinned worker signed this card for this very source. Throws NotTrusted. */
export function sourceRecipient(pins: Pins, sourceId: string, cardBase64: string): string {
  const card = openEnvelope(Object.values(pins.workers), SOURCE_CARD_CONTEXT, bytes(cardBase64));
  if (card["v"] !== 1 || card["source_id"] !== sourceId) throw new NotTrusted("the card is another source's");
  return hybrid(card["reply_recipient"]);
}

/** The keyset, if the newsroom's pinned root key signed it and it is not older than pinned. Throws NotTrusted. */
export function readKeyset(pins: Pins, keysetBase64: string): Keyset {
  const body = openEnvelope([pins.root_public_key], KEYSET_CONTEXT, bytes(keysetBase64));
  const { generation, recipients, newsroom } = body;
  if (body["v"] !== 1 || typeof generation !== "number" || typeof newsroom !== "string") {
    throw new NotTrusted("a keyset of a shape we do not know");
  }
  if (generation < pins.keyset_generation) throw new NotTrusted("the keyset is older than this web app");
  if (!Array.isArray(recipients) || recipients.length < 1 || recipients.length > MOST_RECIPIENTS) {
    throw new NotTrusted("a keyset has 1 to 16 recipients");
  }
  return { generation, newsroom, recipients: recipients.map(hybrid) };
}

/** Replies are sealed to hybrid recipients only: a classic one would open what the others protect. */
function hybrid(value: unknown): string {
  if (typeof value !== "string" || !HYBRID.test(value)) throw new NotTrusted("not a hybrid recipient");
  return value;
}

function bytes(base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch {
    throw new NotTrusted("not base64");
  }
}
