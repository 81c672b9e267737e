import { expect, test } from "bun:test";
import { TouchedPages } from "./touched-pages.ts";

const onLinux = process.platform === "linux";
const BYTES = 64 * 65_536;

/** Linux without this file is rare: then there is nothing to test but that it says so. */
const pages = TouchedPages.open();

function isWithin(ranges: readonly number[], at: number): boolean {
  return ranges.some((from, i) => i % 2 === 0 && from <= at && at < (ranges[i + 1] as number));
}

test("what was written is within what is told, in order and without overlap", () => {
  expect(pages === undefined).toBe(!onLinux);
  if (pages === undefined) return;
  const memory = new Uint8Array(new WebAssembly.Memory({ initial: 64 }).buffer);
  const written = [0, 4095, 100_000, 1_000_000, 1_000_001, 2_500_000, BYTES - 1];
  for (const at of written) {
    memory[at] = 1;
    const ranges = pages.ranges(memory);
    for (const one of written) if (memory[one] === 1) expect(isWithin(ranges, one)).toBe(true);
    expect(ranges.length % 2).toBe(0);
    expect(ranges).toEqual([...new Set(ranges)].toSorted((a, b) => a - b));
  }
  // What nobody wrote to is zero, and reading it here changes nothing of that.
  const ranges = pages.ranges(memory);
  for (let at = 0; at < BYTES; at += 512) {
    if (!isWithin(ranges, at)) expect(memory[at]).toBe(0);
  }
});

test("what cannot be told is taken for touched", () => {
  if (pages === undefined) return;
  const memory = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer);
  expect(pages.ranges(memory.subarray(1, 5000))).toEqual([0, 4999]);
  const other = TouchedPages.open();
  other?.close();
  expect(other?.ranges(memory)).toEqual([0, 65_536]);
});
