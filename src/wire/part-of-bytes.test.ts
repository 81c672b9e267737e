import { expect, test } from "bun:test";
import { PartOfBytes } from "./part-of-bytes.ts";

test("a part of bytes is given once, and not after it was given up", () => {
  const bytes = Uint8Array.from([1, 2, 3, 4, 5]);
  const some = new PartOfBytes(bytes, 1, 4);
  expect(some.size).toBe(3);
  expect(Array.from(some.pull() as Uint8Array)).toEqual([2, 3, 4]);
  expect(some.pull()).toBeNull();
  const other = new PartOfBytes(bytes, 0, 5);
  other.cancel();
  expect(other.pull()).toBeNull();
});
