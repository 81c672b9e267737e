import { canCompress, compressBytes, createCompressor } from "./compress.ts";
import { rawDeflate } from "./deflate.ts";
import { digest } from "./digest.ts";
import { nodePassword } from "./node-password.ts";
import type { Platform } from "./platform.ts";
import { readFile } from "./read-file.ts";

/** What Node has; Deno takes the same modules. */
export const node: Platform = {
  canCompress,
  compressBytes,
  createCompressor,
  rawDeflate,
  passwords: nodePassword,
  digest,
  readFile,
};
