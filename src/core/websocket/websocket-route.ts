import { platform } from "../../runtime/platform.ts";
import type { RawDeflate } from "../../runtime/platform.ts";
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

const routes = new WeakMap<object, WebSocketRoute | Promise<WebSocketRoute>>();

/** @returns a promise until what compresses is loaded @throws RangeError on a setting that cannot be */
export function routeOf(options: RouteSettings): WebSocketRoute | Promise<WebSocketRoute> {
  const known = routes.get(options);
  if (known !== undefined) return known;
  const settings = withDefaults(options);
  const keep = (raw: RawDeflate | undefined): WebSocketRoute => {
    const route = compile(options, settings, raw);
    routes.set(options, route);
    return route;
  };
  if (options.compress === undefined || options.compress === false) return keep(undefined);
  // A runtime that cannot compress speaks WebSocket all the same.
  const loading = platform().then(({ rawDeflate }) => rawDeflate, nothing);
  const route = loading.then(keep);
  routes.set(options, route);
  return route;
}

const nothing = (): undefined => undefined;

function compile(
  options: RouteSettings,
  settings: Required<WebSocketSettings>,
  raw: RawDeflate | undefined,
): WebSocketRoute {
  const { protocols = [], origin = "same", rooms = new Rooms() } = options;
  const { threshold = DEFAULT_THRESHOLD } =
    typeof options.compress === "object" ? options.compress : {};
  const plain: MessageStyle = { masked: false, codec: undefined, threshold: 0, name: "" };
  // One style for each size of window, shared by all connections that have agreed on it.
  const styles = new Map<number, MessageStyle>();
  return {
    rules: { protocols, origin, compress: raw !== undefined },
    settings,
    rooms,
    style(deflate) {
      if (deflate === undefined || raw === undefined) return plain;
      const { windowBits } = deflate;
      let style = styles.get(windowBits);
      if (style === undefined) {
        const codec = new PerMessageDeflate(raw, deflate);
        style = { masked: false, codec, threshold, name: `deflate ${windowBits}` };
        styles.set(windowBits, style);
      }
      return style;
    },
  };
}
