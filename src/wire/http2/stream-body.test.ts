import { expect, test } from "bun:test";
import { StreamBody } from "./stream-body.ts";

test("single bytes that wait are kept together, in order, and each is used once", async () => {
  let used = 0;
  const body = new StreamBody({ bodyWanted() {}, bodyUsed: (bytes) => (used += bytes) }, undefined);
  const sent = Array.from({ length: 20_000 }, (_, i) => i % 251);
  // Each stands alone in a large buffer, as padding would have it.
  for (const byte of sent.slice(0, 10_000))
    body.feed(new Uint8Array(300).fill(byte).subarray(0, 1));
  const pieces: Uint8Array[] = [(await body.pull())!.slice()];
  for (const byte of sent.slice(10_000)) body.feed(new Uint8Array([byte]));
  body.feed(new Uint8Array(5_000).fill(7));
  body.feed(new Uint8Array([9]));
  body.end();
  for (let chunk = await body.pull(); chunk !== null; chunk = await body.pull())
    pieces.push(chunk.slice());
  expect(pieces.length).toBeLessThan(12);
  expect(Buffer.concat(pieces).equals(Buffer.from([...sent, ...Array(5_000).fill(7), 9]))).toBe(
    true,
  );
  expect(used).toBe(25_001);
});
