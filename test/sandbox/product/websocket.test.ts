import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { App } from "../../../src/core/app.ts";
import type { WebSocketOptions } from "../../../src/core/websocket/options.ts";
import type { Context } from "../../../src/core/context.ts";
import { WasmSandbox, wasmWebSocket } from "../../../src/sandbox/index.ts";
import { serve } from "../../../src/server/serve.ts";
import { compileC, FREESTANDING } from "../guests/toolchain.ts";
import { wat } from "../guests/wat.ts";
import { builtGuests } from "./guests.ts";

// Guests are stopped by a clock, and the machine may be busy.
setDefaultTimeout(60_000);

const folder = await builtGuests("chat");
const closing: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

async function sandboxOf(source: string | Uint8Array<ArrayBuffer>): Promise<WasmSandbox> {
  const builder = WasmSandbox.builder().source(source).cpuTimeout("1s").callTimeout("20s");
  const sandbox = await builder.build();
  closing.push(() => sandbox.dispose());
  return sandbox;
}

async function served(options: WebSocketOptions<Context, never>): Promise<string> {
  const app = new App().ws("/ws/:room", options as never).get("/", () => "still here");
  const server = await serve(app, { port: 0 });
  closing.push(() => server.close());
  return `ws://127.0.0.1:${server.port}`;
}

/** A client that keeps what it hears. */
async function connect(url: string) {
  const heard: (string | Uint8Array)[] = [];
  let wake = (): void => {};
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => {
    heard.push(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
    wake();
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("not opened")));
  });
  return {
    socket,
    async next(): Promise<string | Uint8Array> {
      while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return heard.shift() as string | Uint8Array;
    },
    async json(): Promise<unknown> {
      return JSON.parse((await this.next()) as string);
    },
  };
}

test("the chat: a room, an instance for each connection, and errors as messages", async () => {
  const sandbox = await sandboxOf(join(folder, "chat.wasm"));
  const url = await served(wasmWebSocket(sandbox, { room: "room" }) as never);
  const ada = await connect(`${url}/ws/a?name=ada`);
  expect(await ada.json()).toEqual({ joined: "ada" });
  const bob = await connect(`${url}/ws/a?name=bob`);
  expect(await ada.json()).toEqual({ joined: "bob" });
  expect(await bob.json()).toEqual({ joined: "bob" });
  const eve = await connect(`${url}/ws/b`);
  expect(await eve.json()).toEqual({ joined: "somebody" });

  ada.socket.send('a darn "quote"');
  for (const one of [ada, bob]) {
    expect(await one.json()).toEqual({ from: "ada", number: 1, text: 'a **** "quote"' });
  }
  bob.socket.send("mine");
  expect(await ada.json()).toEqual({ from: "bob", number: 1, text: "mine" });
  ada.socket.send("second");
  expect(await ada.json()).toEqual({ from: "ada", number: 2, text: "second" });

  ada.socket.send("x".repeat(2001));
  const error = { code: "sandbox_guest_error", message: "a message has at most 2000 bytes" };
  expect(await ada.json()).toEqual({ error });
  ada.socket.send(new Uint8Array([1]));
  expect(await ada.json()).toMatchObject({ error: { code: "not_understood" } });
  ada.socket.send("third");
  expect(await ada.json()).toEqual({ from: "ada", number: 3, text: "third" });

  const gone = new Promise((resolve) => ada.socket.addEventListener("close", resolve));
  ada.socket.close();
  await gone;
  bob.socket.send("alone");
  while (((await bob.json()) as { text?: string }).text !== "alone");
  for (const { socket } of [bob, eve]) socket.close();
});

const loud = compileC(
  {
    text: `
    #include "extism.h"
    static int calls;
    static int echo(void) {
      u64 n = input_length();
      block_t h = block(n);
      for (u64 i = 0; i < n; i++) put_byte(h + i, input_byte(i));
      set_output(h, n);
      return 0;
    }
    int EXPORT(on_binary)(void) {
      if (input_byte(0) == 1) for (volatile int i = 0;; i++);
      if (input_byte(0) == 2) __builtin_trap();
      calls++;
      return echo();
    }`,
  },
  [...FREESTANDING, "-Iexamples/sandbox/include"],
);

test("bytes, to the sender alone; what never ends or traps ends nothing else", async () => {
  const url = await served(wasmWebSocket(await sandboxOf(loud)) as never);
  const one = await connect(`${url}/ws/a`);
  one.socket.send(new Uint8Array([9, 8, 7]));
  expect(await one.next()).toEqual(new Uint8Array([9, 8, 7]));
  one.socket.send(new Uint8Array([1]));
  expect(await one.json()).toMatchObject({ error: { code: "sandbox_timeout" } });
  one.socket.send(new Uint8Array([2]));
  expect(await one.json()).toMatchObject({ error: { code: "sandbox_trap" } });
  one.socket.send(new Uint8Array([0, 5]));
  expect(await one.next()).toEqual(new Uint8Array([0, 5]));
  expect(await (await fetch(url.replace("ws:", "http:"))).text()).toBe("still here");
  one.socket.close();
});

test("a module that is none for WebSockets, and a path without the room", async () => {
  const plain = await sandboxOf(wat('(module (func (export "f")))'));
  expect(() => wasmWebSocket(plain)).toThrow("exports on_text or on_binary");
  const url = await served(wasmWebSocket(await sandboxOf(loud), { room: "rome" }) as never);
  expect(connect(`${url}/ws/a`)).rejects.toThrow("not opened");
});
