import { expect, test } from "vitest";
import { dayText, initials, sizeText } from "../src/words";

test("a day is said as people say it, counted in UTC", () => {
  const now = new Date("2026-11-24T00:30:00Z");

  expect(["2026-11-24", "2026-11-23", "2026-11-22"].map((day) => dayText(day, now))).toEqual([
    "today", "yesterday", "22 Nov 2026",
  ]);
});

test("a size is said in its own unit", () => {
  expect([512, 16_384, 303_104, 3_080_192, 5_368_709_120].map(sizeText)).toEqual([
    "512 bytes", "16 KiB", "296 KiB", "2.9 MiB", "5 GiB",
  ]);
});

test("initials are those of the two words", () => {
  expect([initials("amber falcon"), initials("amber-falcon"), initials("amber")]).toEqual(["AF", "AF", "A"]);
});
