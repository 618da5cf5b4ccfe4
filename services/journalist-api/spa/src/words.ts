/** How numbers and days are said. */

const DAY_MS = 24 * 60 * 60 * 1000;

/** A padded size: "16 KiB", "4.5 MiB". */
export function sizeText(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `day` is YYYY-MM-DD in UTC, the only time the servers know. */
export function dayText(day: string, now: Date): string {
  const today = now.toISOString().slice(0, 10);
  const yesterday = new Date(now.getTime() - DAY_MS).toISOString().slice(0, 10);
  if (day === today) return "today";
  if (day === yesterday) return "yesterday";
  const form: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
  return new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", form);
}

export function countText(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** "amber falcon" -> "AF". */
export function initials(designation: string): string {
  return designation
    .split(/[\s-]+/)
    .map((word) => word.charAt(0).toUpperCase())
    .join("")
    .slice(0, 2);
}

/** One of `count` tints, the same for a designation each time. */
export function tint(designation: string, count: number): number {
  let sum = 0;
  for (const letter of designation) sum = (sum * 31 + letter.charCodeAt(0)) % 65_521;
  return sum % count;
}
