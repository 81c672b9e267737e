import { describe, expect, test } from "bun:test";
import zlib from "node:zlib";
import { canCompress, compressBytes, createCompressor } from "./compress.ts";
import type { Coding } from "./platform.ts";

const decoders: Record<Coding, (bytes: Uint8Array) => Uint8Array> = {
  br: (bytes) => zlib.brotliDecompressSync(bytes),
  zstd: (bytes) => zlib.zstdDecompressSync(bytes),
  gzip: (bytes) => zlib.gunzipSync(bytes),
  deflate: (bytes) => zlib.inflateSync(bytes),
};
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const long = Array.from({ length: 30_000 }, (_, i) => `${i * 7919}\n`).join("");

describe.each(Object.keys(decoders) as Coding[])("%s", (coding) => {
  const decode = decoders[coding];

  test("compresses bytes, and none", async () => {
    expect(canCompress(coding)).toBe(true);
    for (const plain of ["", "x", long]) {
      const bytes = await compressBytes(coding, new TextEncoder().encode(plain));
      expect(text(decode(bytes))).toBe(plain);
    }
  });

  test("takes a level", async () => {
    const bytes = new TextEncoder().encode(long);
    const [least, most] = await Promise.all([
      compressBytes(coding, bytes, 1),
      compressBytes(coding, bytes, 9),
    ]);
    expect(most.byteLength).toBeLessThan(least.byteLength);
  });

  test("a compressor that is closed stops waiting, and twice is once", async () => {
    const compressor = createCompressor(coding);
    await compressor.write(new Uint8Array(10));
    compressor.close();
    compressor.close();
    expect(compressor.write(new Uint8Array(10))).rejects.toThrow();
  });
});
