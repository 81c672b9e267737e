import { constants, deflateRawSync, inflateRawSync } from "node:zlib";

/** Raw DEFLATE of one message at a time, at once: a message is small, and a turn of the loop costs more. */
export const rawDeflate = {
  deflate(bytes: Uint8Array, windowBits: number): Uint8Array {
    return deflateRawSync(bytes, { windowBits, level: 4, finishFlush: constants.Z_SYNC_FLUSH });
  },

  inflate(bytes: Uint8Array, limit: number): Uint8Array {
    try {
      // 0 is no length that can be asked for.
      return inflateRawSync(bytes, { maxOutputLength: Math.max(limit, 1) });
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_BUFFER_TOO_LARGE") throw error;
      throw new RangeError(`more than ${limit} bytes come out`);
    }
  },
};
