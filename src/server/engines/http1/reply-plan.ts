import type { Reply } from "../../../core/reply.ts";
import { isSource } from "../../../core/reply.ts";
import { fieldLines, hasDate } from "../../../wire/http1/fields.ts";
import type { Framing } from "../../../wire/http1/framing.ts";
import { sendsNoContent } from "../../../wire/http1/framing.ts";
import { dateLine, lengthLine, statusLine } from "../../../wire/http1/reply-head.ts";
import type { EngineHost } from "../../engine.ts";
import { declaredLength } from "../declared-length.ts";
import type { Http1Exchange } from "./exchange.ts";

/** Chooses the framing of `reply`; HEAD has the fields of GET and no content. */
export function planFraming(exchange: Http1Exchange, reply: Reply): Framing {
  if (sendsNoContent(reply.status) || exchange.method === "HEAD") return "none";
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
    const length = declaredLength(reply, exchange.method);
    if (length !== undefined) text += lengthLine(length);
  }
  if (!hasDate(reply.headers)) text += dateLine();
  if (exchange.connection.tls !== undefined) text += secureLines(host);
  if (close) return `${text}Connection: close\r\n\r\n`;
  return exchange.head.minor === 0 ? `${text}Connection: keep-alive\r\n\r\n` : `${text}\r\n`;
}

/** What every answer over TLS says of its server. */
export function secureLines(host: EngineHost): string {
  let text = "";
  if (host.altSvc !== undefined) text += `Alt-Svc: ${host.altSvc}\r\n`;
  if (host.hsts !== undefined) text += `Strict-Transport-Security: ${host.hsts}\r\n`;
  return text;
}
