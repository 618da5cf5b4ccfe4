// node open-age.mjs IDENTITY SEALED OPENED: opens an age file with the npm package age-encryption, as a stream.
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Decrypter } from "../vectors/node_modules/age-encryption/dist/index.js";

const [identity, sealed, opened] = process.argv.slice(2);
const decrypter = new Decrypter();
decrypter.addIdentity(identity);
const plaintext = await decrypter.decrypt(Readable.toWeb(createReadStream(sealed, { highWaterMark: 1 << 20 })));
await pipeline(Readable.fromWeb(plaintext), createWriteStream(opened));
