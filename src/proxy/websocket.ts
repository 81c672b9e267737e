import type { Context } from "../core/context.ts";
import type { Exchange } from "../core/exchange.ts";
import { HttpError } from "../core/errors.ts";
import { Reply } from "../core/reply.ts";
import type { HeaderList } from "../http/header-list.ts";
import type { UpstreamRequest } from "../upstream/call.ts";
import type { DeliveryOptions } from "../upstream/delivery.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Receiver } from "../upstream/receiver.ts";
import { plainReceiver } from "../upstream/receiver.ts";
import { UpstreamFault } from "../upstream/fault.ts";
import type { Duplex } from "../wire/duplex.ts";
import { acceptKey, isKey } from "../wire/websocket/accept-key.ts";
import { attach, isLookedAt } from "./delivery-note.ts";
import { faultError } from "./fault-error.ts";
import { replyFields } from "./reply-fields.ts";
import { splice } from "./splice.ts";

/** Whether a request asks for a WebSocket; any other upgrade is a request without one (RFC 9110 7.8). */
export function isWebSocket({ upgradeProtocol }: Exchange): boolean {
  return upgradeProtocol === "websocket";
}

/**
 * Hands the handshake to a backend and, once both have agreed, passes bytes on.
 * @param refusal what the client is told when the backend does not want to: its own words
 */
export async function webSocketProxy(
  c: Context,
  upstream: Upstream,
  request: UpstreamRequest,
  options: DeliveryOptions | undefined,
  refusal: Receiver<Reply>,
): Promise<Reply> {
  const { exchange } = c;
  const isConnect = exchange.method === "CONNECT";
  if (!isConnect && exchange.method !== "GET") {
    throw new HttpError(
      400,
      "websocket_method",
      "A WebSocket is asked for with GET (RFC 6455 4.1).",
    );
  }
  if (!isConnect && exchange.body !== null) {
    throw new HttpError(400, "takeover_with_content", "A request for a WebSocket has no content.");
  }
  const headers = request.headers.clone();
  // In HTTP/2 there is no key (RFC 8441 5.1); the backend is to have one.
  if (isConnect) headers.set("Sec-WebSocket-Key", randomKey());
  const key = headers.joined("sec-websocket-key");
  if (key === null || !isKey(key)) {
    const detail = "`Sec-WebSocket-Key` must be the base64 of 16 bytes, once (RFC 6455 4.1).";
    throw new HttpError(400, "websocket_key", detail);
  }
  const delivery = upstream.send(
    { ...request, method: "GET", headers, body: null, upgrade: "websocket" },
    plainReceiver,
    { ...options, timed: isLookedAt(exchange) },
  );
  attach(c, upstream, delivery);
  const reply = await delivery.outcome.catch((error: unknown) => {
    throw error instanceof UpstreamFault ? faultError(error) : error;
  });
  if (reply.duplex === undefined) return refusal.convert(reply, delivery.backend);
  const accept = reply.headers.joined("sec-websocket-accept");
  if (accept !== acceptKey(key)) {
    reply.duplex.destroy();
    throw faultError(new UpstreamFault("bad_upgrade", "the Sec-WebSocket-Accept is wrong", "some"));
  }
  splice(takeover(exchange, isConnect, reply.headers), reply.duplex, upstream.tunnelIdleMs);
  return Reply.TAKEN;
}

function takeover(exchange: Exchange, isConnect: boolean, headers: HeaderList): Duplex {
  const fields = replyFields(headers, false, true);
  if (!isConnect) {
    fields.set("Upgrade", "websocket");
    return exchange.takeover(101, fields);
  }
  fields.delete("Sec-WebSocket-Accept");
  return exchange.takeover(200, fields);
}

function randomKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
}
