const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/**
 * Bytes from a number or a text such as `"64KiB"`, `"1.5 MB"`.
 * @throws RangeError when it is not a size
 */
export function parseSize(size: number | string): number {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(String(size)) ?? [];
  const factor = UNITS[unit?.toLowerCase() ?? "?"];
  if (digits === undefined || factor === undefined) {
    throw new RangeError(
      `${JSON.stringify(size)} is not a size: use bytes or a text such as "64KiB" or "10MB"`,
    );
  }
  return Math.floor(Number(digits) * factor);
}
