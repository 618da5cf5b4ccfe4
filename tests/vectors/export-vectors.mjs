// Writes every C2SP/CCTV age vector as one JSON object: name to base64 of the vector file.
import * as vectors from "cctv-age";

const files = Object.entries(vectors).filter(([, bytes]) => bytes instanceof Uint8Array);
const named = Object.fromEntries(files.map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]));
process.stdout.write(JSON.stringify(named));
