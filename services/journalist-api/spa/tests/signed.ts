/** Makes signed envelopes as libs/sealing does, for tests. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, encodeText } from "../src/bytes";

export interface Signer {
  readonly publicHex: string;
  readonly sign: (context: string, body: object) => string;
}

/** A fresh key. `sign` answers with the envelope in base64, as the API carries it. */
export function newSigner(): Signer {
  const { secretKey, publicKey } = ed25519.keygen();
  const publicHex = Buffer.from(publicKey).toString("hex");
  const sign = (context: string, body: object): string => {
    const raw = encodeText(JSON.stringify(body));
    const signature = ed25519.sign(concat(encodeText(`sealdrop/${context}\0`), raw), secretKey);
    const envelope = { body: base64(raw), by: publicHex, sig: base64(signature) };
    return base64(encodeText(JSON.stringify(envelope)));
  };
  return { publicHex, sign };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
