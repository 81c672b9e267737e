import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import type { RawDeflate } from "./platform.ts";

/** By zlib. */
export const rawDeflate: RawDeflate = {
  deflate(bytes, windowBits) {
    return deflateRawSync(bytes, { windowBits, level: 4, finishFlush: constants.Z_SYNC_FLUSH });
  },

  inflate(bytes, limit) {
    try {
      // 0 is no length that can be asked for.
      return inflateRawSync(bytes, { maxOutputLength: Math.max(limit, 1) });
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_BUFFER_TOO_LARGE") throw error;
      throw new RangeError(`more than ${limit} bytes come out`);
    }
  },
};
