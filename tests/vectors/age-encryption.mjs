// node age-encryption.mjs seal RECIPIENT | open IDENTITY: standard input to standard output.
import { Decrypter, Encrypter } from "age-encryption";

const [verb, key] = process.argv.slice(2);
const pieces = [];
for await (const piece of process.stdin) pieces.push(piece);
const input = new Uint8Array(Buffer.concat(pieces));

async function seal() {
  const encrypter = new Encrypter();
  encrypter.addRecipient(key);
  return encrypter.encrypt(input);
}

async function open() {
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  return decrypter.decrypt(input, "uint8array");
}

const output = await { seal, open }[verb]();
process.stdout.write(output);
