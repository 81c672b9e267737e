import type { DeflateAgreement } from "../../wire/websocket/permessage-deflate.ts";
import { PerMessageDeflate } from "../../wire/websocket/permessage-deflate.ts";
import type { RawDeflate } from "../../runtime/platform.ts";
import type { Duplex } from "../../wire/duplex.ts";
import type { Schema } from "../spec/standard-schema.ts";
import type { WebSocketCompression, WebSocketHandlers, WebSocketSettings } from "./options.ts";
import { DEFAULT_THRESHOLD, withDefaults } from "./options.ts";
import { Rooms } from "./rooms.ts";
import { RouteListener } from "./route-listener.ts";
import { WebSocketConnection } from "./websocket-connection.ts";

/** A client's side of a WebSocket. */
export interface ClientWebSocketOptions<D = undefined, S = undefined>
  extends WebSocketSettings, WebSocketHandlers<undefined, D, S> {
  readonly compress?: WebSocketCompression & { readonly codec: RawDeflate };
}

/**
 * The client's end of a connection whose handshake is done; see `offerWebSocket` and `confirmWebSocket`.
 * @param agreed what `confirmWebSocket` made of the server's answer
 * @throws RangeError on a setting that cannot be
 */
export function clientWebSocket<D = undefined, S extends Schema | undefined = undefined>(
  duplex: Duplex,
  agreed: { readonly subprotocol: string; readonly deflate: DeflateAgreement | undefined },
  options: ClientWebSocketOptions<D, S>,
): WebSocketConnection<D> {
  const { compress } = options;
  const { deflate, subprotocol } = agreed;
  const codec =
    compress === undefined || deflate === undefined
      ? undefined
      : new PerMessageDeflate(compress.codec, deflate);
  const threshold = compress?.threshold ?? DEFAULT_THRESHOLD;
  const style = { masked: true, codec, threshold, name: "" };
  const settings = withDefaults(options);
  const listener = new RouteListener<undefined, D, S>(options, undefined);
  const data = options.data?.(undefined) as D;
  const ws = new WebSocketConnection(
    duplex,
    { subprotocol, style },
    settings,
    listener,
    new Rooms(),
    data,
  );
  ws.start();
  return ws;
}
