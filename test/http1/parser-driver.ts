import { defaultLimits } from "../../src/server/limits.ts";
import { ChunkedDecoder } from "../../src/wire/http1/chunked-decoder.ts";
import { isProblem, parseRequestHead } from "../../src/wire/http1/request-head.ts";

/** Takes bytes through the parser as a connection would, without a socket. */
export function drive(bytes: Uint8Array): void {
  let at = 0;
  for (let cut = 0; cut < Math.min(bytes.byteLength, 400); cut++) {
    parseRequestHead(bytes.subarray(0, cut), 0, defaultLimits);
  }
  while (at < bytes.byteLength) {
    const head = parseRequestHead(bytes, at, defaultLimits);
    if (head === undefined || isProblem(head)) return;
    at = head.end;
    if (head.length > 0) at += head.length;
    if (head.length >= 0) continue;
    const decoder = new ChunkedDecoder(defaultLimits);
    while (decoder.next(bytes, at) !== undefined) at = decoder.at;
    at = decoder.at;
    if (!decoder.done) return;
  }
}
