import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import type { Split } from "../support/raw-client.ts";
import type { WebSocketCase } from "./cases.ts";
import { cases } from "./cases.ts";
import { inWords } from "./frames.ts";
import { converse, echoApp } from "./harness.ts";

let server: Server;

beforeAll(async () => {
  server = await serve(echoApp(), { port: 0, host: "127.0.0.1" });
});
afterAll(() => server.close());

async function run(item: WebSocketCase, split: Split): Promise<void> {
  const { frames, closed } = await converse(server.port, Buffer.concat(item.send), {
    split,
    deflate: item.deflate ?? false,
  });
  expect(inWords(frames)).toEqual([...item.gets]);
  expect(closed).toBe(item.stays !== true);
}

describe.concurrent("WebSocket on a raw socket", () => {
  for (const item of cases) test(`${item.clause}: ${item.name}`, () => run(item, "whole"));
});

describe.concurrent("WebSocket byte by byte", () => {
  const short = cases.filter((item) => Buffer.concat(item.send).length < 1_500);
  for (const item of short) test(`${item.clause}: ${item.name}`, () => run(item, "bytes"));
});
