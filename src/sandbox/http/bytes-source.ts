import type { Source } from "../../wire/source.ts";

/** A body that is in memory already. */
export function bytesSource(bytes: Uint8Array): Source {
  let rest: Uint8Array | null = bytes.byteLength === 0 ? null : bytes;
  return {
    size: bytes.byteLength,
    pull() {
      const chunk = rest;
      rest = null;
      return chunk;
    },
    cancel() {
      rest = null;
    },
  };
}
