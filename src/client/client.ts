import type { Contract } from "../core/app-types.ts";
import type { AppLike } from "../core/mounted.ts";
import type { DecodedEvent } from "../http/sse-decoder.ts";
import { appFetch } from "./app-fetch.ts";
import type { Arguments, CallOptions } from "./call-input.ts";
import type { Outcome } from "./call-outcome.ts";
import { Caller } from "./caller.ts";
import type { ClientOptions } from "./client-options.ts";
import type { EventOptions } from "./event-stream.ts";

/** The routes of an App by `"METHOD /path"`. */
export type RoutesOf<A> = A extends { readonly "~routes"?: infer R } ? NonNullable<R> : never;

/** One route, to be called. */
export interface Call<C> {
  /**
   * Calls it. An answer that is an error is a value too.
   * @throws TypeError for input that cannot be sent; the reason of the caller's signal once it is aborted
   */
  (...input: Arguments<C>): Promise<Outcome<C>>;
  /** The answer as it is, its body unread and without a limit. @throws HttpClientError when there is none */
  response(...input: Arguments<C>): Promise<Response>;
  /**
   * Server-sent events as they come. Leaving the loop ends the connection.
   * @throws HttpClientError
   */
  events(...input: EventArguments<C>): AsyncGenerator<DecodedEvent, void, void>;
}

type EventArguments<C> =
  Arguments<C> extends [infer I] ? [input: I & EventOptions] : [input?: CallOptions & EventOptions];

/** A WebSocket route, to be connected to: a standard WebSocket, open. */
export interface Connect<C> {
  (...input: ConnectArguments<C>): Promise<WebSocket>;
}

/** What holds for one connection. */
export interface ConnectOptions {
  /** Subprotocols, the one that is liked best first. */
  readonly protocols?: readonly string[];
  readonly signal?: AbortSignal;
}

type ConnectArguments<C> =
  C extends Contract<infer P, infer _S, infer _R>
    ? Arguments<Contract<P, object, undefined>> extends [infer I]
      ? [input: Pick<I, keyof I & ("params" | "query")> & ConnectOptions]
      : [input?: { readonly query?: Readonly<Record<string, string>> } & ConnectOptions]
    : never;

/**
 * The routes of an App by `"METHOD /path"`, to be called. Properties, not one generic function: a compiler
 * then looks at one route for one call, however many there are.
 */
export type Client<Routes> = {
  readonly [K in keyof Routes]: K extends `WS ${string}` ? Connect<Routes[K]> : Call<Routes[K]>;
};

/**
 * A client of an App: of one that is served somewhere, or of the App itself, without a socket.
 *
 * @param target the address it is served at, a path it is mounted under included; or the App
 * @throws TypeError for an address that is no http or https URL
 * @example
 * import type { app } from "./app.ts";
 * const api = client<typeof app>("https://api.example.com");
 * const user = await api["GET /users/:id"]({ params: { id: 7 } });
 * if (user.ok) console.log(user.data.name);
 * else if (user.code === "user_not_found") console.log(user.detail);
 */
export function client<A extends AppLike>(
  target: string | URL | A,
  options: ClientOptions = {},
): Client<RoutesOf<A>> {
  const isAddress = typeof target === "string" || target instanceof URL;
  const caller = isAddress
    ? new Caller(target, options)
    : new Caller("http://localhost", options, appFetch(target, options));
  const calls = new Map<string, unknown>();
  // What is asked of it by the runtime (`then`, symbols) is no route.
  return new Proxy({} as Client<RoutesOf<A>>, {
    get(_target, key) {
      if (typeof key !== "string" || !key.includes(" ")) return undefined;
      let call = calls.get(key);
      if (call === undefined) calls.set(key, (call = caller.route(key)));
      return call;
    },
  });
}
