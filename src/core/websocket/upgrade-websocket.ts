import type { HeaderList } from "../../http/header-list.ts";
import { HttpError } from "../errors.ts";
import type { Exchange } from "../exchange.ts";
import { Reply } from "../reply.ts";
import type { Schema } from "../spec/standard-schema.ts";
import { acceptHandshake } from "./handshake.ts";
import type { WebSocketOptions } from "./options.ts";
import { RouteListener } from "./route-listener.ts";
import { WebSocketConnection } from "./websocket-connection.ts";
import type { WebSocketRoute } from "./websocket-route.ts";
import { routeOf } from "./websocket-route.ts";

/**
 * Answers a request by making its connection a WebSocket: over HTTP/1.1, and over HTTP/2 by extended CONNECT.
 * What the options say is worked out once for each options object: keep it in a constant.
 * @param context handed to `data` and `open`
 * @returns {@link Reply.TAKEN}, or the refusal: 400, 403 or 426
 * @throws RangeError on a setting that cannot be, and what `data` throws
 * @example
 * const echo: WebSocketOptions<Context> = { message: (ws, message) => ws.send(message) };
 * app.get("/echo", (c) => upgradeWebSocket(c.exchange, echo, c));
 */
export function upgradeWebSocket<C, D = undefined, S extends Schema | undefined = undefined>(
  exchange: Exchange,
  options: WebSocketOptions<C, D, S>,
  context: C,
  { headers, report }: UpgradeExtras = {},
): Reply | Promise<Reply> {
  const route = routeOf(options);
  const listener = new RouteListener(options, context, report);
  return route instanceof Promise
    ? route.then((loaded) => upgrade(exchange, loaded, options, listener, headers))
    : upgrade(exchange, route, options, listener, headers);
}

/** What goes with one upgrade. */
export interface UpgradeExtras {
  /** Further fields of the answer, such as cookies. */
  readonly headers?: HeaderList | undefined;
  /** Is told of errors that no handler takes; `console.error` if left out. */
  readonly report?: (error: unknown) => void;
}

function upgrade<C, D, S extends Schema | undefined>(
  exchange: Exchange,
  route: WebSocketRoute,
  options: WebSocketOptions<C, D, S>,
  listener: RouteListener<C, D, S>,
  headers: HeaderList | undefined,
): Reply {
  try {
    const accepted = acceptHandshake(exchange, route.rules);
    // Before the connection is taken: what it throws can still be answered.
    const data = options.data?.(listener.context) as D;
    const terms = { subprotocol: accepted.subprotocol, style: route.style(accepted.deflate) };
    if (headers !== undefined) accepted.headers.flat.push(...headers.flat);
    const duplex = exchange.takeover(accepted.status, accepted.headers);
    new WebSocketConnection(duplex, terms, route.settings, listener, route.rooms, data).start();
    return Reply.TAKEN;
  } catch (error) {
    if (error instanceof HttpError) return error.toReply();
    throw error;
  }
}
