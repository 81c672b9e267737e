import { expect, test } from "bun:test";
import { part, put } from "./bytes.ts";

test("few bytes and many are the same bytes, wherever they lie", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => index & 0xff);
  for (const size of [0, 1, 63, 64, 65, 200]) {
    const some = part(bytes, 17, 17 + size);
    expect(Array.from(some)).toEqual(Array.from(bytes.slice(17, 17 + size)));
    const target = new Uint8Array(300);
    put(target, some, 5);
    expect(Array.from(target.slice(5, 5 + size))).toEqual(Array.from(some));
    expect(target[4]).toBe(0);
    expect(target[5 + size]).toBe(0);
  }
});
