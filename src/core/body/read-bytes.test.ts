import { expect, test } from "bun:test";
import type { Source } from "../../wire/source.ts";
import { readBytes } from "./read-bytes.ts";

/** Chunks in one buffer that is used again, as a transport may; each at once or later. */
function lent(chunks: readonly string[], later: boolean, size?: number) {
  const shared = Buffer.alloc(64);
  let at = 0;
  let cancelled = false;
  const source: Source = {
    size,
    pull() {
      const text = chunks[at++];
      if (text === undefined) return later ? Promise.resolve(null) : null;
      const chunk = shared.subarray(0, shared.write(text));
      return later ? Promise.resolve(chunk) : chunk;
    },
    cancel: () => void (cancelled = true),
  };
  return { source, cancelled: () => cancelled };
}

const text = async (source: Source, limit: number) =>
  Buffer.from(await readBytes(source, limit)).toString();

test.each([false, true])("the bytes are the reader's own (later: %p)", async (later) => {
  for (const chunks of [[], ["one"], ["one", "two"], ["one", "two", "three"]]) {
    expect(await text(lent(chunks, later).source, 100)).toBe(chunks.join(""));
  }
});

test.each([false, true])(
  "no more than the limit, in however many chunks (later: %p)",
  async (later) => {
    for (const chunks of [["123456"], ["123", "456"], ["1", "2345", "6"]]) {
      const { source, cancelled } = lent(chunks, later);
      expect((async () => readBytes(source, 5))()).rejects.toMatchObject({ status: 413 });
      await Bun.sleep(1);
      expect(cancelled()).toBe(true);
      expect(await text(lent(chunks, later).source, 6)).toBe("123456");
    }
  },
);

test("a size that is too large is refused before anything is read", () => {
  const { source } = lent(["123456"], false, 6);
  expect(() => readBytes(source, 5)).toThrow(/at most 5 bytes/);
});
