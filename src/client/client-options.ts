import type { ClientCookies } from "./client-cookies.ts";
import type { RetryOptions } from "./retry-policy.ts";
import type { ClientHooks, Fetch } from "./transmit.ts";
import type { Scalar } from "./wire-types.ts";

/** Header fields; `null` and `undefined` are none. */
export type HeaderValues = Readonly<Record<string, Scalar | null | undefined>>;

/** Makes a WebSocket; see `sluice/testing` for one to an App without an address. */
export type OpenWebSocket = (
  url: string,
  protocols: readonly string[],
  headers: Headers,
) => WebSocket | Promise<WebSocket>;

/** What holds for every call. Times are milliseconds. */
export interface ClientOptions {
  /** Sent with every call; a function is asked at every call, for what changes. */
  readonly headers?: HeaderValues | (() => HeaderValues | Promise<HeaderValues>);
  /** Instead of the platform's. */
  readonly fetch?: Fetch;
  /** How long a call may take, tries and body included. Default 30,000; 0 = no limit. */
  readonly timeout?: number;
  /** Further tries of idempotent methods, or more about it. Default 0. */
  readonly retries?: number | RetryOptions;
  readonly hooks?: ClientHooks;
  /** Most bytes of an answer in memory. Default 16 MiB. */
  readonly maxResponse?: number | string;
  /** Where cookies are kept. An App's client has some of its own; one of an address leaves them to the platform. */
  readonly cookies?: ClientCookies;
  /** Whether redirects are followed. An App's client follows none unless told so, an address's all. */
  readonly redirect?: "follow" | "manual";
  /** Default: the platform's `WebSocket`. */
  readonly webSocket?: OpenWebSocket;
}
