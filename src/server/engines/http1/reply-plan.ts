import type { Reply } from "../../../core/reply.ts";
import { isSource } from "../../../core/reply.ts";
import { utf8Length } from "../../../runtime/bytes.ts";
import { fieldLines } from "../../../wire/http1/fields.ts";
import type { Framing } from "../../../wire/http1/framing.ts";
import { isBodyless } from "../../../wire/http1/framing.ts";
import { dateLine, statusLine } from "../../../wire/http1/reply-head.ts";
import type { EngineHost } from "../../engine.ts";
import type { Http1Exchange } from "./exchange.ts";

/** Chooses the framing of `reply`; HEAD has the fields of GET and no content. */
export function planFraming(exchange: Http1Exchange, reply: Reply): Framing {
  if (isBodyless(reply.status) || exchange.method === "HEAD") return "none";
  const body = reply.body;
  if (!isSource(body)) return "length";
  if (body.size !== undefined && reply.trailers === undefined) return "length";
  return exchange.head.minor === 1 ? "chunked" : "close";
}

/**
 * The head of a reply, its framing fields last. `bodyLength` is what `Content-Length` says, or undefined
 * for none.
 */
export function composeHead(
  exchange: Http1Exchange,
  reply: Reply,
  host: EngineHost,
  framing: Framing,
  close: boolean,
): string {
  let text = statusLine(reply.status) + fieldLines(reply.headers);
  if (framing === "chunked") {
    text += "Transfer-Encoding: chunked\r\n";
  } else {
    const length = declaredLength(exchange, reply);
    if (length !== undefined) text += `Content-Length: ${length}\r\n`;
  }
  if (reply.headers.frozen || !reply.headers.has("date")) text += dateLine();
  if (exchange.connection.tls !== undefined) text += secureLines(host);
  if (close) return `${text}Connection: close\r\n\r\n`;
  return exchange.head.minor === 0 ? `${text}Connection: keep-alive\r\n\r\n` : `${text}\r\n`;
}

function declaredLength(exchange: Http1Exchange, reply: Reply): number | string | undefined {
  const { body, status } = reply;
  if (status === 204 || status < 200) return undefined;
  if (body === null) {
    // HEAD and 304 may tell the length that GET would have (RFC 9110 8.6).
    if (exchange.method === "HEAD" || status === 304) {
      return reply.headers.get("content-length") ?? undefined;
    }
    return 0;
  }
  if (status === 304) return undefined;
  if (typeof body === "string") return utf8Length(body);
  return body instanceof Uint8Array ? body.byteLength : body.size;
}

function secureLines(host: EngineHost): string {
  let text = "";
  if (host.altSvc !== undefined) text += `Alt-Svc: ${host.altSvc}\r\n`;
  if (host.hsts !== undefined) text += `Strict-Transport-Security: ${host.hsts}\r\n`;
  return text;
}
