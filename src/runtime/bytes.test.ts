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

test("a part of up to 8 KiB is a copy, of a Buffer too; a larger one is a view", () => {
  for (const whole of [new Uint8Array(20_000), Buffer.alloc(20_000)]) {
    for (const size of [1, 64, 65, 1024, 8192, 8193]) {
      whole.fill(1);
      const some = part(whole, 100, 100 + size);
      whole.fill(2);
      expect([size, some.length, some[0], some[size - 1]]).toEqual(
        size > 8192 ? [size, size, 2, 2] : [size, size, 1, 1],
      );
    }
  }
});
