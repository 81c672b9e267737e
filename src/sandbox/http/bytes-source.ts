import type { HeaderList } from "../../http/header-list.ts";
import type { Source } from "../../wire/source.ts";

/** A body that is in memory already. @param trailers behind it; its length is not told then, as only chunks have them */
export function bytesSource(bytes: Uint8Array, trailers?: HeaderList): Source {
  let rest: Uint8Array | null = bytes.byteLength === 0 ? null : bytes;
  return {
    size: trailers === undefined ? bytes.byteLength : undefined,
    trailers,
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
