import { promisify } from "node:util";
import * as zlib from "node:zlib";
import type { Coding, CompressionLevels, Compressor } from "./platform.ts";

/**
 * Middle levels, for answers made while a client waits. Brotli's own default (11) is about a hundred times
 * slower than 4 for a few percent of size.
 */
export const defaultLevels: CompressionLevels = { br: 4, zstd: 3, gzip: 6, deflate: 6 };

/** Whether this runtime can make a coding: zstd came late to Node. */
export function canCompress(coding: Coding): boolean {
  return coding !== "zstd" || typeof zlib.createZstdCompress === "function";
}

const brotli = promisify(zlib.brotliCompress) as OneShot;
const gzip = promisify(zlib.gzip) as OneShot;
const deflate = promisify(zlib.deflate) as OneShot;
const zstd =
  typeof zlib.zstdCompress === "function" ? (promisify(zlib.zstdCompress) as OneShot) : undefined;
type OneShot = (bytes: Uint8Array, options: object) => Promise<Uint8Array>;

/** Compresses bytes off the main thread. @throws when the runtime cannot make the coding */
export function compressBytes(
  coding: Coding,
  bytes: Uint8Array,
  level: number = defaultLevels[coding],
): Promise<Uint8Array> {
  const options = optionsFor(coding, level, bytes.byteLength);
  if (coding === "br") return brotli(bytes, options);
  if (coding === "gzip") return gzip(bytes, options);
  if (coding === "deflate") return deflate(bytes, options);
  if (zstd === undefined) throw new Error("this runtime has no zstd: upgrade it or leave zstd out");
  return zstd(bytes, options);
}

/** @param size bytes to come when known: a better fit for the window. @throws when the runtime cannot make the coding */
export function createCompressor(
  coding: Coding,
  level: number = defaultLevels[coding],
  size?: number,
): Compressor {
  return new ZlibCompressor(createStream(coding, optionsFor(coding, level, size)));
}

function createStream(coding: Coding, options: object): ZlibStream {
  if (coding === "br") return zlib.createBrotliCompress(options);
  if (coding === "gzip") return zlib.createGzip(options);
  if (coding === "deflate") return zlib.createDeflate(options);
  if (!canCompress("zstd")) {
    throw new Error("this runtime has no zstd: upgrade it or leave zstd out");
  }
  return zlib.createZstdCompress(options);
}

function optionsFor(coding: Coding, level: number, size: number | undefined): object {
  const constants = zlib.constants;
  if (coding === "br") {
    const params: Record<number, number> = { [constants.BROTLI_PARAM_QUALITY]: level };
    if (size !== undefined) params[constants.BROTLI_PARAM_SIZE_HINT] = Math.min(size, 2 ** 30);
    return { params };
  }
  if (coding === "zstd") return { params: { [constants.ZSTD_c_compressionLevel]: level } };
  return { level };
}

type ZlibStream = zlib.BrotliCompress | zlib.Gzip | zlib.Deflate | zlib.ZstdCompress;

class ZlibCompressor implements Compressor {
  readonly #stream: ZlibStream;
  #ready: Uint8Array[] = [];
  #failure: Error | undefined;
  #settle: ((error?: Error | null) => void) | undefined;

  constructor(stream: ZlibStream) {
    this.#stream = stream;
    stream.on("data", (piece: Uint8Array) => this.#ready.push(piece));
    stream.on("error", (error: Error) => {
      this.#failure = error;
      this.#settle?.(error);
    });
    stream.on("close", () => this.#settle?.(new Error("the compressor was closed")));
  }

  write(piece: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.#step((done) => this.#stream.write(piece, done));
  }

  flush(): Promise<readonly Uint8Array[]> {
    return this.#step((done) => this.#stream.flush(() => done()));
  }

  end(): Promise<readonly Uint8Array[]> {
    return this.#step((done) => {
      this.#stream.once("end", () => done());
      this.#stream.end();
    });
  }

  close(): void {
    this.#stream.destroy();
  }

  #step(run: (done: (error?: Error | null) => void) => void): Promise<readonly Uint8Array[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#settle = (error) => {
        this.#settle = undefined;
        if (error !== undefined && error !== null) return reject(error);
        const ready = this.#ready;
        this.#ready = [];
        resolve(ready);
      };
      run((error) => this.#settle?.(error));
    });
  }
}
