import { bunPassword } from "./bun-password.ts";
import { canCompress, compressBytes, createCompressor } from "./compress.ts";
import { rawDeflate } from "./deflate.ts";
import { digest } from "./digest.ts";
import type { Platform } from "./platform.ts";
import { readFile } from "./read-file.ts";

/** What Bun has. */
export const bun: Platform = {
  canCompress,
  compressBytes,
  createCompressor,
  rawDeflate,
  passwords: bunPassword,
  digest,
  readFile,
};
