const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Milliseconds from a number of them or a text such as `"30s"`, `"5m"`, `"1.5h"`, `"7d"`.
 * @throws RangeError when it is not a duration
 */
export function parseDuration(duration: number | string): number {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(String(duration)) ?? [];
  const factor = UNITS[unit?.toLowerCase() ?? "?"];
  if (digits === undefined || factor === undefined) {
    throw new RangeError(
      `${JSON.stringify(duration)} is not a duration: use milliseconds or a text such as "30s" or "5m"`,
    );
  }
  return Number(digits) * factor;
}
