import type { Context } from "../../core/context.ts";
import type { WebSocketOptions } from "../../core/websocket/options.ts";
import { Rooms } from "../../core/websocket/rooms.ts";
import type { RouteSettings } from "../../core/websocket/options.ts";
import type { WebSocketConnection } from "../../core/websocket/websocket-connection.ts";
import { SandboxError } from "../errors.ts";
import type { SandboxSession } from "../sandbox.ts";
import type { GuestCaller } from "./guest-caller.ts";

/** What makes an instance for each connection: a sandbox. */
export interface GuestSessions extends GuestCaller {
  session(): SandboxSession;
}

/** How a guest handles WebSockets. */
export interface WasmWebSocketOptions extends RouteSettings {
  /**
   * The room of a connection: what the guest gives goes to all in it. Left out, it goes to the sender alone.
   * A function, or the name of a parameter of the path.
   */
  readonly room?: string | ((c: Context) => string);
}

/** What `on_join` is given, as JSON. */
interface Join {
  readonly path: string;
  readonly params: unknown;
  readonly query: unknown;
  /** `c.vars.user`, where a middleware found one. */
  readonly user: unknown;
  readonly room: string | null;
}

interface Connected {
  readonly session: SandboxSession;
  readonly join: Join;
}

type Socket = WebSocketConnection<Connected>;

/**
 * A guest handles the messages of WebSockets, with an instance of its own for each connection that lives as long.
 * The module is one for Extism; each of its exports may be left out:
 * - `on_join`: JSON of path, params, query, user and room
 * - `on_text`: the text · `on_binary`: the bytes
 * - `on_leave`: JSON with code and reason; nobody hears what it gives
 *
 * What it gives is sent, as text or as bytes as the message was; nothing, when that is empty. When it fails, the
 * sender gets `{"error":{"code":…,"message":…}}`, and the connection goes on.
 *
 * @throws TypeError at once for a module without `on_text` and `on_binary`
 * @example
 * app.ws("/chat/:room", wasmWebSocket(sandbox, { room: "room" }));
 */
export function wasmWebSocket(
  sandbox: GuestSessions,
  options: WasmWebSocketOptions = {},
): WebSocketOptions<Context, Connected> {
  const { room, ...settings } = options;
  const { exports } = sandbox.facts;
  const has = (name: string): boolean => exports.has(name);
  if (sandbox.abi !== "extism" || (!has("on_text") && !has("on_binary"))) {
    throw new TypeError(
      "a module for WebSockets is one for Extism that exports on_text or on_binary",
    );
  }
  const rooms = options.rooms ?? new Rooms();
  const deliver = (ws: Socket, output: string | Uint8Array): void => {
    if (output.length === 0) return;
    const { room: topic } = ws.data.join;
    if (topic === null) ws.send(output);
    else rooms.publish(topic, output);
  };
  const ask = async (ws: Socket, entry: string, input: string | Uint8Array): Promise<void> => {
    const as = typeof input === "string" ? "text" : "bytes";
    try {
      deliver(ws, await ws.data.session.call<string | Uint8Array>(entry, input, { as }));
    } catch (error) {
      ws.sendJson({ error: tellable(error) });
      if (!(error instanceof SandboxError)) throw error;
    }
  };
  return {
    ...settings,
    rooms,
    data(c) {
      const topic = typeof room === "function" ? room(c) : room && paramOf(c, room);
      const { user } = c.vars as { user?: unknown };
      const { path, params, query } = c;
      return {
        session: sandbox.session(),
        join: { path, params, query, user: user ?? null, room: topic ?? null },
      };
    },
    async open(ws) {
      const { join } = ws.data;
      if (join.room !== null) ws.subscribe(join.room);
      if (has("on_join")) await ask(ws, "on_join", JSON.stringify(join));
    },
    async message(ws, message) {
      const entry = typeof message === "string" ? "on_text" : "on_binary";
      if (has(entry)) return ask(ws, entry, message);
      ws.sendJson({ error: { code: "not_understood", message: `there is no ${entry} here` } });
    },
    async close(ws, code, reason) {
      const { session } = ws.data;
      try {
        if (has("on_leave")) {
          await session.call("on_leave", JSON.stringify({ code, reason }), { as: "bytes" });
        }
      } finally {
        session.close();
      }
    },
  };
}

function paramOf(c: Context, name: string): string {
  const value = (c.params as Record<string, string | undefined>)[name];
  if (value === undefined) {
    throw new TypeError(
      `wasmWebSocket: the path of this route has no parameter ${JSON.stringify(name)}`,
    );
  }
  return value;
}

/** What went wrong in the words of the guest, or those of the bound it hit. */
function tellable(error: unknown): { code: string; message: string } {
  if (error instanceof SandboxError) return { code: error.code, message: error.message };
  return { code: "internal_error", message: "the message could not be processed" };
}
