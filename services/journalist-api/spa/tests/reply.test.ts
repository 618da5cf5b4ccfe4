import { Decrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";
import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { decodeText } from "../src/bytes";
import { FILE_CLASS, MESSAGE_CLASS, padme, replyClass } from "../src/padding";
import { BadReply, MOST_CHARACTERS, paddedZip, sealReply } from "../src/reply";

const ITEM = "7c0e6f4e-3f0b-4b52-8f56-2f7f6d1f0a11";
const CHUNK = 64 * 1024;

async function pair(): Promise<{ identity: string; recipient: string }> {
  const identity = await generateHybridIdentity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** Where the payload begins: behind the line that starts with "---". */
function headerOf(file: Uint8Array): { length: number; stanzas: string[] } {
  const text = Buffer.from(file).toString("latin1");
  const closing = text.indexOf("\n--- ") + 1;
  const length = text.indexOf("\n", closing) + 1;
  const lines = text.slice(0, length).split("\n");
  return { length, stanzas: lines.filter((line) => line.startsWith("-> ")).map((line) => line.split(" ")[1] ?? "") };
}

function sealedPayloadLength(plaintext: number): number {
  return 16 + plaintext + 16 * Math.max(1, Math.ceil(plaintext / CHUNK));
}

describe("a sealed reply", () => {
  test("opens for the source and for the SVS, with manifest, text and pad as agreed", async () => {
    const [source, svs] = [await pair(), await pair()];

    const sealed = await sealReply("  Thank you. Where was it taken?\n", source.recipient, [svs.recipient], ITEM);

    for (const { identity } of [source, svs]) {
      const opener = new Decrypter();
      opener.addIdentity(identity);
      const members = unzipSync(await opener.decrypt(sealed.file));
      expect(Object.keys(members)).toEqual(["manifest.json", "content/message.txt", ".pad"]);
      expect(decodeText(members["content/message.txt"]!)).toBe("Thank you. Where was it taken?");
      expect(JSON.parse(decodeText(members["manifest.json"]!))).toEqual({
        v: 1, item_id: ITEM, kind: "reply", reply_recipient: source.recipient, name: null,
      });
      expect(members[".pad"]!.every((byte) => byte === 0)).toBe(true);
    }
  });

  test("has one hybrid stanza for the source and one for each recipient of the keyset", async () => {
    const [source, first, second] = [await pair(), await pair(), await pair()];

    const sealed = await sealReply("hello", source.recipient, [first.recipient, second.recipient]);

    expect(headerOf(sealed.file).stanzas).toEqual(["mlkem768x25519", "mlkem768x25519", "mlkem768x25519"]);
  });

  test.each([1, 100, 15_000, 16_000, 40_000, 100_000])("of %i letters is one size class to the byte", async (letters) => {
    const { recipient } = await pair();

    const { file } = await sealReply("x".repeat(letters), recipient, [recipient], ITEM);

    const used = paddedZip("x".repeat(letters), ITEM, recipient).length;
    expect(replyClass(used)).toBe(used);
    expect(file.length - headerOf(file).length).toBe(sealedPayloadLength(used));
  });

  test("is not made of nothing, nor of more than a message holds", async () => {
    const { recipient } = await pair();

    await expect(sealReply(" \n", recipient, [recipient])).rejects.toThrow(BadReply);
    await expect(sealReply("x".repeat(MOST_CHARACTERS + 1), recipient, [recipient])).rejects.toThrow(BadReply);
  });

  test("fits into 1 MiB even when every letter takes four bytes", async () => {
    const { recipient } = await pair();

    const { file } = await sealReply("😀".repeat(MOST_CHARACTERS), recipient, Array(16).fill(recipient));

    expect(file.length).toBeLessThanOrEqual(1024 * 1024);
  });
});

describe("size classes", () => {
  test("are the same as those of libs/sealing", () => {
    expect([1, MESSAGE_CLASS].map(replyClass)).toEqual([MESSAGE_CLASS, MESSAGE_CLASS]);
    expect([MESSAGE_CLASS + 1, FILE_CLASS].map(replyClass)).toEqual([FILE_CLASS, FILE_CLASS]);
    expect([FILE_CLASS + 1, 70_000, 100_000, 400_500].map(padme)).toEqual([67_584, 71_680, 100_352, 401_408]);
  });
});
