import { FieldVerdict } from "../../src/http/received-fields.ts";
import { defaultLimits } from "../../src/server/limits.ts";
import { ChunkedDecoder } from "../../src/wire/http1/chunked-decoder.ts";
import type { RequestHead } from "../../src/wire/http1/request-head.ts";
import { isProblem, parseRequestHead } from "../../src/wire/http1/request-head.ts";

/** Whatever may be done with fields that were received: at once, and when another head was read since. */
function takeApart({ fields }: RequestHead): void {
  fields.flat();
  for (const verdict of [FieldVerdict.Keep, FieldVerdict.Omit, FieldVerdict.GiveUp]) {
    fields.keep((_text, _at, length) => (length > 4 ? verdict : FieldVerdict.Keep));
  }
  parseRequestHead(new Uint8Array(0), 0, defaultLimits);
  parseRequestHead(new TextEncoder().encode("GET / HTTP/1.1\r\n"), 0, defaultLimits);
  fields.flat();
  fields.keep(() => FieldVerdict.Keep);
}

/** Takes bytes through the parser as a connection would, without a socket. */
export function drive(bytes: Uint8Array): void {
  let at = 0;
  for (let cut = 0; cut < Math.min(bytes.byteLength, 400); cut++) {
    parseRequestHead(bytes.subarray(0, cut), 0, defaultLimits);
  }
  while (at < bytes.byteLength) {
    const head = parseRequestHead(bytes, at, defaultLimits);
    if (head === undefined || isProblem(head)) return;
    takeApart(head);
    at = head.end;
    if (head.length > 0) at += head.length;
    if (head.length >= 0) continue;
    const decoder = new ChunkedDecoder(defaultLimits);
    while (decoder.next(bytes, at) !== undefined) at = decoder.at;
    at = decoder.at;
    if (!decoder.done) return;
  }
}
