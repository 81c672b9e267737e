import { ClientCookies } from "../client/client-cookies.ts";
import type { ClientOptions } from "../client/client-options.ts";
import type { Client, RoutesOf } from "../client/client.ts";
import { client } from "../client/client.ts";
import type { Application } from "../core/exchange.ts";
import type { AppLike } from "../core/mounted.ts";
import type { Server } from "../server/serve.ts";
import { serve } from "../server/serve.ts";

/** A client of an App, WebSocket routes included, to be closed after the test. */
export interface TestClient<Routes> extends AsyncDisposable {
  readonly api: Client<Routes>;
  readonly cookies: ClientCookies;
  /** Ends the App's services, and the server if a WebSocket needed one. */
  close(): Promise<void>;
}

/** What a `WebSocket` takes that may send header fields: that of Bun, of Node and of Deno. */
type SocketConstructor = new (
  url: string,
  options: { protocols: string[]; headers: Record<string, string> },
) => WebSocket;

/**
 * A client of an App that asks it in process. The first WebSocket starts a server on the loopback.
 *
 * @example
 * await using test = testClient(app);
 * const room = await test.api["WS /room/:id"]({ params: { id: 1 } });
 * room.send("hello");
 */
export function testClient<A extends AppLike & Application>(
  app: A,
  options: ClientOptions = {},
): TestClient<RoutesOf<A>> {
  const cookies = options.cookies ?? new ClientCookies();
  let server: Promise<Server> | undefined;
  const webSocket: ClientOptions["webSocket"] = async (url, protocols, headers) => {
    const { port } = await (server ??= serve(app, { port: 0, host: "127.0.0.1" }));
    const { pathname, search } = new URL(url);
    const address = `ws://127.0.0.1:${port}${pathname}${search}`;
    const init = { protocols: [...protocols], headers: Object.fromEntries(headers) };
    return new (WebSocket as unknown as SocketConstructor)(address, init);
  };
  const api = client(app, { webSocket, ...options, cookies });
  const close = async (): Promise<void> => {
    if (server === undefined) await app.stop?.();
    else await (await server).close();
  };
  return { api, cookies, close, [Symbol.asyncDispose]: close };
}
