import type { OriginRule } from "./origin.ts";
import type { Rooms } from "./rooms.ts";
import type { OutputOf, Schema, SchemaIssue } from "../spec/standard-schema.ts";
import type { WebSocketConnection } from "./websocket-connection.ts";

/** What a message is: text, or bytes that are the handler's own. */
export type WebSocketMessage = string | Uint8Array<ArrayBuffer>;

/** What a handler is given: what its schema makes of the JSON, or the message as it came. */
export type MessageOf<S> = S extends Schema ? OutputOf<S> : WebSocketMessage;

/** How a connection behaves, whoever is at the other end. Times are milliseconds. */
export interface WebSocketSettings {
  /** Bytes of a message, inflated. Over it the connection ends with 1009. Default 1 MiB. */
  readonly maxMessage?: number;
  /** Frames of a message. Over it: 1008. Default 16,384. */
  readonly maxFragments?: number;
  /** Bytes that may wait for a slow peer. Default 1 MiB. */
  readonly maxBuffered?: number;
  /** What happens over `maxBuffered`: the connection ends with 1013, or the message is left out. Default `close`. */
  readonly slow?: "close" | "drop";
  /** Silence after which a ping is sent; as much again, and the peer is taken for gone (1006). 0 = off. Default 30,000. */
  readonly heartbeatMs?: number;
  /** Time without a message in either direction after which the connection ends with 1000. Default 0: off. */
  readonly idleMs?: number;
  /** How long the peer may take to answer a close. Default 5,000. */
  readonly closeMs?: number;
}

/** Compression of messages (RFC 7692), where the client can. */
export interface WebSocketCompression {
  /** Bytes from which a message is compressed. Default 1,024. */
  readonly threshold?: number;
}

/**
 * What is done with a socket. Handlers of one socket run one after the other: one that returns a promise is
 * waited for, and meanwhile no more than `maxMessage` bytes are read ahead.
 */
export interface WebSocketHandlers<C, D, S> {
  /** What the text of a message must be, as JSON. Binary messages are then refused with 1003. */
  readonly schema?: S;
  /** Makes `ws.data` of a new connection. */
  data?(context: C): D;
  open?(ws: WebSocketConnection<D>, context: C): unknown;
  message?(ws: WebSocketConnection<D>, message: MessageOf<S>): unknown;
  /** A message that does not fit the schema. If left out the connection ends with 1007. */
  invalid?(ws: WebSocketConnection<D>, issues: readonly SchemaIssue[], text: string): unknown;
  /** What `ping()` asked for, and pongs that nobody asked for. */
  pong?(ws: WebSocketConnection<D>, payload: Uint8Array): unknown;
  /** Everything has left, after `send` had answered false. */
  drain?(ws: WebSocketConnection<D>): unknown;
  /** Called once, last. 1005: without a code; 1006: without a close frame. */
  close?(ws: WebSocketConnection<D>, code: number, reason: string): unknown;
  /** What a handler threw; the connection ends with 1011 then. If left out the server's log is told. */
  error?(ws: WebSocketConnection<D>, error: unknown): void;
}

/** How connections are made, and how they behave. */
export interface RouteSettings extends WebSocketSettings {
  /** Subprotocols that are spoken here; the first that the client names is taken. */
  readonly protocols?: readonly string[];
  /** Which pages of browsers may connect. Default `same`: those of this host. */
  readonly origin?: OriginRule;
  /** Off if left out. No context is kept over messages, so that a connection costs no memory for it. */
  readonly compress?: boolean | WebSocketCompression;
  /** Where `ws.subscribe` subscribes: the same for every route that shares topics. If left out, this route's own. */
  readonly rooms?: Rooms;
}

/** A WebSocket route. */
export interface WebSocketOptions<C = unknown, D = undefined, S = undefined>
  extends RouteSettings, WebSocketHandlers<C, D, S> {}

const defaults: Required<WebSocketSettings> = {
  maxMessage: 1024 * 1024,
  maxFragments: 16_384,
  maxBuffered: 1024 * 1024,
  slow: "close",
  heartbeatMs: 30_000,
  idleMs: 0,
  closeMs: 5_000,
};

export const DEFAULT_THRESHOLD = 1_024;

/** What is left out is as {@link WebSocketSettings} says. @throws RangeError on a setting that cannot be */
export function withDefaults(settings: WebSocketSettings): Required<WebSocketSettings> {
  const all = { ...defaults };
  for (const key of Object.keys(defaults) as (keyof WebSocketSettings)[]) {
    const value = settings[key];
    if (value === undefined) continue;
    if (key === "slow" ? value !== "close" && value !== "drop" : !isSize(value, leastOf(key))) {
      const expected = key === "slow" ? '"close" or "drop"' : `a whole number from ${leastOf(key)}`;
      throw new RangeError(`WebSocket setting ${key} must be ${expected}, not ${String(value)}`);
    }
    Object.assign(all, { [key]: value });
  }
  return all;
}

function leastOf(key: keyof WebSocketSettings): number {
  // A peer that never answers a close would be kept for ever.
  return key === "heartbeatMs" || key === "idleMs" ? 0 : 1;
}

function isSize(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
