import { App } from "../../src/core/app.ts";
import type { Context } from "../../src/core/context.ts";
import type { WebSocketOptions } from "../../src/core/websocket/options.ts";
import { upgradeWebSocket } from "../../src/core/websocket/upgrade-websocket.ts";
import type { Split } from "../support/raw-client.ts";
import { exchangeRaw } from "../support/raw-client.ts";
import type { SentFrame } from "./frames.ts";
import { parseFrames, ping } from "./frames.ts";

export const echo: WebSocketOptions<Context> = {
  message: (ws, message) => ws.send(message),
  compress: true,
  protocols: ["echo", "chat"],
  maxMessage: 131_072,
  maxFragments: 64,
};

export function echoApp(): App {
  return new App().get("/echo", (c) => upgradeWebSocket(c.exchange, echo, c));
}

export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const OFFER = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

/** The opening handshake as a client writes it. */
export function handshake(more = "", path = "/echo"): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`
  );
}

/** Asked last where the connection should stay: its answer shows that it does. */
const END = "~end~";

/**
 * Opens a WebSocket, sends bytes behind the handshake, and gathers the frames that come back until the server
 * closes, or until it has answered a last ping.
 */
export async function converse(
  port: number,
  bytes: Uint8Array,
  options: { split?: Split; deflate?: boolean; path?: string } = {},
): Promise<{ frames: SentFrame[]; closed: boolean }> {
  const { split = "whole", deflate = false } = options;
  const head = Buffer.from(handshake(deflate ? OFFER : "", options.path));
  const { text, closed } = await exchangeRaw(port, Buffer.concat([head, bytes, ping(END)]), {
    split,
    quietMs: 20_000,
    until: (received) => received.endsWith(END),
  });
  const end = text.indexOf("\r\n\r\n");
  if (!text.startsWith("HTTP/1.1 101 ")) throw new Error(`no WebSocket: ${text}`);
  const frames = parseFrames(Buffer.from(text.slice(end + 4), "latin1"));
  return { frames: closed ? frames : frames.slice(0, -1), closed };
}
