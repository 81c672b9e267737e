import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { clientWebSocket } from "../../src/core/websocket/client-websocket.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { rawDeflate } from "../../src/runtime/deflate.ts";
import { confirmWebSocket, offerWebSocket } from "../../src/wire/websocket/client-handshake.ts";
import { askUpgrade } from "./net-duplex.ts";
import { until } from "./raw-socket.ts";

describe("our client and a server of the ws package", () => {
  let server: Bun.Subprocess<"ignore", "pipe", "inherit">;
  let port: number;
  beforeAll(async () => {
    const script = new URL("ws-server.mjs", import.meta.url).pathname;
    server = Bun.spawn(["node", script], { stdout: "pipe", stderr: "inherit" });
    const { value } = await server.stdout.getReader().read();
    port = Number(new TextDecoder().decode(value));
  }, 30_000);
  afterAll(async () => {
    server.kill();
    await server.exited;
  });

  for (const compress of [false, true]) {
    test(`messages of every length${compress ? ", compressed" : ""}`, async () => {
      const offer = offerWebSocket(["a", "b"], compress);
      const { status, headers, duplex } = await askUpgrade(port, offer.headers);
      const agreed = confirmWebSocket(offer, status, headers);
      expect(agreed.subprotocol).toBe("b");
      expect(agreed.deflate !== undefined).toBe(compress);
      const received: (string | Uint8Array)[] = [];
      const ends: unknown[] = [];
      const ws = clientWebSocket(duplex, agreed, {
        compress: { codec: rawDeflate, threshold: 0 },
        message: (_ws, message) => void received.push(message),
        close: (_ws, code, reason) => void ends.push([code, reason]),
      });
      const sent = [0, 1, 125, 126, 4_096, 65_535, 65_536, 300_000].flatMap((length) => [
        "é".repeat(length / 2),
        Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff),
      ]);
      for (const message of sent) ws.send(message);
      await until(() => received.length === sent.length);
      expect(received).toEqual(sent);
      ws.send("close");
      await until(() => ends.length > 0);
      expect(ends).toEqual([[4002, "as you wish"]]);
      expect(ws.readyState).toBe(3);
    });
  }

  test("a client that closes, and one that breaks off", async () => {
    for (const [leave, expected] of [
      ["close", [1000, "bye"]],
      ["terminate", [1006, ""]],
    ] as const) {
      const offer = offerWebSocket([], false);
      const { status, headers, duplex } = await askUpgrade(port, offer.headers);
      const ends: unknown[] = [];
      const ws = clientWebSocket(duplex, confirmWebSocket(offer, status, headers), {
        close: (_ws, code, reason) => void ends.push([code, reason]),
      });
      if (leave === "close") ws.close(1000, "bye");
      else ws.terminate();
      await until(() => ends.length > 0);
      expect(ends).toEqual([[...expected]]);
    }
  });
});

describe("RFC 6455 4.1: a client refuses an answer", () => {
  const offer = offerWebSocket(["chat"], false);
  // As `acceptKey` makes it, whose own test has the example of the RFC.
  const accept = async (): Promise<string> => {
    const text = `${offer.key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
    return btoa(String.fromCharCode(...new Uint8Array(digest)));
  };
  const answer = async (change: Record<string, string | null> = {}): Promise<HeaderList> => {
    const fields: Record<string, string | null> = {
      upgrade: "WebSocket",
      connection: "keep-alive, Upgrade",
      "sec-websocket-accept": await accept(),
      ...change,
    };
    const list = new HeaderList();
    for (const [name, value] of Object.entries(fields)) {
      if (value !== null) list.append(name, value);
    }
    return list;
  };

  test("not a right one", async () => {
    const agreed = confirmWebSocket(offer, 101, await answer({ "sec-websocket-protocol": "chat" }));
    expect(agreed).toEqual({ subprotocol: "chat", deflate: undefined });
  });

  const wrong: [string, number, Record<string, string | null>][] = [
    ["another status", 200, {}],
    ["no Upgrade", 101, { upgrade: null }],
    ["another protocol", 101, { upgrade: "h2c" }],
    ["no Connection", 101, { connection: null }],
    ["a wrong Accept", 101, { "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }],
    ["no Accept", 101, { "sec-websocket-accept": null }],
    ["a subprotocol that was not offered", 101, { "sec-websocket-protocol": "soap" }],
    [
      "an extension that was not offered",
      101,
      { "sec-websocket-extensions": "permessage-deflate" },
    ],
    ["a malformed extension", 101, { "sec-websocket-extensions": ";" }],
  ];
  for (const [name, status, change] of wrong) {
    test(name, async () => {
      const headers = await answer(change);
      expect(() => confirmWebSocket(offer, status, headers)).toThrow();
    });
  }
});
