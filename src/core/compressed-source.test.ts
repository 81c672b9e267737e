import { describe, expect, test } from "bun:test";
import zlib from "node:zlib";
import { CompressedSource } from "./compressed-source.ts";
import { readAll, sourceFrom } from "../wire/source.ts";
import { createCompressor } from "../runtime/compress.ts";
import type { Coding } from "../runtime/platform.ts";

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

  test("compresses a stream", async () => {
    for (const chunks of [
      [],
      ["x"],
      [long, "tail"],
      Array.from({ length: 500 }, (_, i) => `${i},`),
    ]) {
      const source = new CompressedSource(sourceFrom(chunks), createCompressor(coding));
      expect(text(decode(await readAll(source)))).toBe(chunks.join(""));
      expect(await source.pull()).toBeNull();
    }
  });

  test("lets every chunk out at once when it is told to", async () => {
    let asked = 0;
    const source = new CompressedSource(
      sourceFrom(
        (function* () {
          for (; asked < 3; asked++) yield "event\n";
        })(),
      ),
      createCompressor(coding),
      true,
    );
    const first = await source.pull();
    expect(first?.byteLength).toBeGreaterThan(0);
    expect(asked).toBe(0);
    source.cancel();
  });

  test("gives up its source when it is cancelled, and tells of a broken one", async () => {
    let cancelled = 0;
    const endless = {
      size: undefined,
      pull: () => new Uint8Array(1000),
      cancel: () => void cancelled++,
    };
    const source = new CompressedSource(endless, createCompressor(coding));
    source.cancel();
    source.cancel();
    expect(await source.pull()).toBeNull();
    expect(cancelled).toBe(2);
    const broken = {
      size: undefined,
      pull: () => Promise.reject(new Error("broken")),
      cancel: () => {},
    };
    const failing = new CompressedSource(broken, createCompressor(coding));
    expect(failing.pull() as Promise<unknown>).rejects.toThrow("broken");
  });
});
