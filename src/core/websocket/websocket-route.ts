import type { DeflateAgreement } from "../../wire/websocket/permessage-deflate.ts";
import { PerMessageDeflate } from "../../wire/websocket/permessage-deflate.ts";
import type { HandshakeRules } from "./handshake.ts";
import type { RouteSettings, WebSocketSettings } from "./options.ts";
import { DEFAULT_THRESHOLD, withDefaults } from "./options.ts";
import type { MessageStyle } from "./prepared-message.ts";
import { Rooms } from "./rooms.ts";

/** What the options of a route come to: worked out once, not for each connection. */
export interface WebSocketRoute {
  readonly rules: HandshakeRules;
  readonly settings: Required<WebSocketSettings>;
  readonly rooms: Rooms;
  style(deflate: DeflateAgreement | undefined): MessageStyle;
}

const routes = new WeakMap<object, WebSocketRoute>();

/** @throws RangeError on a setting that cannot be */
export function routeOf(options: RouteSettings): WebSocketRoute {
  let route = routes.get(options);
  if (route === undefined) routes.set(options, (route = compile(options)));
  return route;
}

function compile(options: RouteSettings): WebSocketRoute {
  const { compress, protocols = [], origin = "same", rooms = new Rooms() } = options;
  const plain: MessageStyle = { masked: false, codec: undefined, threshold: 0, name: "" };
  // One style for each size of window, shared by all connections that have agreed on it.
  const styles = new Map<number, MessageStyle>();
  return {
    rules: { protocols, origin, compress: compress !== undefined },
    settings: withDefaults(options),
    rooms,
    style(deflate) {
      if (deflate === undefined || compress === undefined) return plain;
      const { windowBits } = deflate;
      let style = styles.get(windowBits);
      if (style === undefined) {
        const { threshold = DEFAULT_THRESHOLD } = compress;
        const codec = new PerMessageDeflate(compress.codec, deflate);
        style = { masked: false, codec, threshold, name: `deflate ${windowBits}` };
        styles.set(windowBits, style);
      }
      return style;
    },
  };
}
