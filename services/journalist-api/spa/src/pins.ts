/**
 * What this web app trusts, written beside it at deployment (pins.json; see README.md).
 * It comes from the same place as the code that reads it, never from the API.
 */
import { fromHex } from "./bytes";

export interface Pins {
  readonly demo: boolean;
  readonly newsroom: string;
  /** Ed25519, hex: signs the keyset. */
  readonly root_public_key: string;
  /** Ed25519, hex, by worker name: sign source cards and receipts. */
  readonly workers: Readonly<Record<string, string>>;
  /** Keysets of an earlier generation are refused. */
  readonly keyset_generation: number;
}

/** Throws for anything that is not pins. */
export function readPins(value: unknown): Pins {
  const pins = value as Pins;
  const keys = [pins.root_public_key, ...Object.values(pins.workers)];
  if (keys.length < 2 || keys.some((key) => fromHex(key).length !== 32)) throw new Error("pins.json: keys");
  if (typeof pins.demo !== "boolean" || typeof pins.newsroom !== "string") throw new Error("pins.json: fields");
  if (!Number.isInteger(pins.keyset_generation) || pins.keyset_generation < 1) throw new Error("pins.json: generation");
  return pins;
}

export async function loadPins(): Promise<Pins> {
  const answer = await fetch("/pins.json", { cache: "no-store" });
  if (!answer.ok) throw new Error("pins.json is not there");
  return readPins(await answer.json());
}
