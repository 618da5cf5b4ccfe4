import { generateHybridIdentity, identityToRecipient } from "age-encryption";
import { describe, expect, test } from "vitest";
import { NotTrusted } from "../src/envelope";
import type { Pins } from "../src/pins";
import { KEYSET_CONTEXT, readKeyset, SOURCE_CARD_CONTEXT, sourceRecipient } from "../src/trust";
import { newSigner, type Signer } from "./signed";

const SOURCE = "0d9a4c2e-6d0e-4f0c-9a51-6d1f7f0c2b33";
const root = newSigner();
const worker = newSigner();
const stranger = newSigner();
const recipient = await identityToRecipient(await generateHybridIdentity());

const pins: Pins = {
  demo: false,
  newsroom: "The Courier",
  root_public_key: root.publicHex,
  workers: { "worker-1": worker.publicHex },
  keyset_generation: 3,
};

function card(signer: Signer, body: object = {}, context = SOURCE_CARD_CONTEXT): string {
  return signer.sign(context, { reply_recipient: recipient, source_id: SOURCE, v: 1, ...body });
}

function keyset(signer: Signer, body: object = {}): string {
  const whole = { drill_recipient: null, drill_source: null, generation: 3, newsroom: "The Courier", v: 1 };
  return signer.sign(KEYSET_CONTEXT, { ...whole, recipients: [recipient], ...body });
}

describe("a source card", () => {
  test("of a pinned worker gives the recipient", () => {
    expect(sourceRecipient(pins, SOURCE, card(worker))).toBe(recipient);
  });

  test.each([
    ["signed by a stranger", card(stranger)],
    ["signed by the root key", card(root)],
    ["signed as something else", card(worker, {}, KEYSET_CONTEXT)],
    ["of another source", card(worker, { source_id: SOURCE.replace("0d", "1d") })],
    ["with a classic recipient", card(worker, { reply_recipient: "age1qqqqqqqqqqqqqqqqqq" })],
    ["that is no base64", "***"],
    ["that is nothing", ""],
  ])("%s is not trusted", (_, blob) => {
    expect(() => sourceRecipient(pins, SOURCE, blob)).toThrow(NotTrusted);
  });

  test("with any one byte changed is not trusted", () => {
    const blob = Buffer.from(card(worker), "base64");
    for (let place = 0; place < blob.length; place += 97) {
      const altered = Buffer.from(blob);
      altered[place]! ^= 1;
      expect(() => sourceRecipient(pins, SOURCE, altered.toString("base64"))).toThrow(NotTrusted);
    }
  });
});

describe("a keyset", () => {
  test("of the pinned root key gives its recipients", () => {
    expect(readKeyset(pins, keyset(root))).toEqual({ generation: 3, newsroom: "The Courier", recipients: [recipient] });
  });

  test.each([
    ["signed by a worker", keyset(worker)],
    ["of an earlier generation", keyset(root, { generation: 2 })],
    ["without recipients", keyset(root, { recipients: [] })],
    ["with a classic recipient among them", keyset(root, { recipients: [recipient, "age1qqqqqqqqqqqqqqqqqq"] })],
  ])("%s is not trusted", (_, blob) => {
    expect(() => readKeyset(pins, blob)).toThrow(NotTrusted);
  });
});
