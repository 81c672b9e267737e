import { fieldLines } from "../../wire/http1/fields.ts";
import { onePiece } from "../../internal/one-piece.ts";
import type { UpstreamRequest } from "../call.ts";

/** The head of a request, framed afresh (RFC 9112 3 and 6). @param own Host of the backend */
export function requestHead(request: UpstreamRequest, own: string): string {
  const { method, target, authority, headers, body, upgrade, expectContinue, acceptsTrailers } =
    request;
  let text = `${method} ${target}${behindTarget(authority ?? own)}${fieldLines(headers)}`;
  if (upgrade !== undefined) text += `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`;
  else if (acceptsTrailers === true) text += "Connection: TE\r\nTE: trailers\r\n";
  if (body === null) {
    return anticipatesContent(method) ? `${text}Content-Length: 0\r\n\r\n` : `${text}\r\n`;
  }
  if (expectContinue === true) text += "Expect: 100-continue\r\n";
  return isChunked(request)
    ? `${text}Transfer-Encoding: chunked\r\n\r\n`
    : `${text}Content-Length: ${body.size}\r\n\r\n`;
}

let lastAuthority = "";
let lastLines = " HTTP/1.1\r\nHost: \r\n";

/** Mostly the same as for the request before. */
function behindTarget(authority: string): string {
  if (authority !== lastAuthority) {
    lastAuthority = authority;
    lastLines = onePiece(` HTTP/1.1\r\nHost: ${authority}\r\n`);
  }
  return lastLines;
}

/** Whether content is sent in chunks: its length is not known, or trailers come behind it. */
export function isChunked({ body, trailers }: UpstreamRequest): boolean {
  return body?.size === undefined || trailers === true;
}

/** RFC 9110 8.6: those say that they have none. */
export function anticipatesContent(method: string): boolean {
  return method === "POST" || method === "PUT" || method === "PATCH";
}
