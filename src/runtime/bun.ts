import { canCompress, compressBytes, createCompressor } from "./compress.ts";
import { rawDeflate } from "./deflate.ts";
import type { Platform } from "./platform.ts";

/** What Bun has. */
export const bun: Platform = { canCompress, compressBytes, createCompressor, rawDeflate };
