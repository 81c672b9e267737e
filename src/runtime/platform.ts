import type { PasswordHashes } from "./password-hash.ts";

/** Codings a runtime can make, by their names in HTTP. */
export type Coding = "br" | "zstd" | "gzip" | "deflate";

/** The effort spent on each: br 0–11, zstd 1–19, gzip and deflate 1–9. */
export type CompressionLevels = Readonly<Record<Coding, number>>;

/** Compresses a stream piece by piece, off the main thread. One call at a time. */
export interface Compressor {
  /** Takes a piece, and answers with what has come out so far: often nothing. */
  write(piece: Uint8Array): Promise<readonly Uint8Array[]>;
  /** Presses out what is held back, for a client that waits for it. */
  flush(): Promise<readonly Uint8Array[]>;
  /** Answers with the rest. */
  end(): Promise<readonly Uint8Array[]>;
  /** Frees what it holds; needed when it was not ended. Idempotent. */
  close(): void;
}

/** Raw DEFLATE of whole messages, at once: they are small, and a turn of the loop costs more. */
export interface RawDeflate {
  /** Ends with a sync flush, so that the last four bytes are 00 00 FF FF. @param windowBits 9 to 15 */
  deflate(bytes: Uint8Array, windowBits: number): Uint8Array;
  /** Takes a whole stream. @throws RangeError when more than `limit` bytes come out, another Error when it is broken */
  inflate(bytes: Uint8Array, limit: number): Uint8Array;
}

/** What a runtime has and the web platform lacks, for the floors that name no runtime. */
export interface Platform {
  /** Whether a coding can be made here: zstd came late to Node. */
  canCompress(coding: Coding): boolean;
  /** Compresses bytes off the main thread. Rejects when the coding cannot be made. */
  compressBytes(coding: Coding, bytes: Uint8Array, level?: number): Promise<Uint8Array>;
  /** @param size bytes to come when known. @throws when the coding cannot be made */
  createCompressor(coding: Coding, level?: number, size?: number): Compressor;
  readonly rawDeflate: RawDeflate;
  readonly passwords: PasswordHashes;
  /** A digest at once, for what needs thousands of them in a row; WebCrypto has the others. */
  digest(algorithm: "sha256" | "sha512", bytes: Uint8Array): Uint8Array;
  /** Reads a file that came with the program. Rejects when there is none. @param location a path or a `file:` URL */
  readFile(location: string | URL): Promise<Uint8Array>;
}

let loaded: Promise<Platform> | undefined;

/**
 * The platform this program runs on. It is loaded when it is first asked for, so that programs that need
 * nothing of it run where there are no `node:` modules either.
 */
export function platform(): Promise<Platform> {
  return (loaded ??= load());
}

async function load(): Promise<Platform> {
  return "Bun" in globalThis ? (await import("./bun.ts")).bun : (await import("./node.ts")).node;
}
