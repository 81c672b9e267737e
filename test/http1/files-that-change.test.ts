import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "../../src/core/app.ts";
import { staticFiles } from "../../src/files/static-files.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { exchangeRaw, parseResponses } from "../support/raw-client.ts";

// What happens to a file between the head of its answer and its last byte, seen by the client.

const SIZE = 16 * 1024 * 1024;
let server: Server;
let root: string;
const at = (name: string): string => join(root, name);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "changing-"));
  const app = new App().add({ path: "/*", handler: staticFiles(root) });
  server = await serve(app, { port: 0 });
});
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

interface Received {
  head: string;
  bytes: number;
  /** Reads that hold something else than `expected`. */
  strange: number;
  /** Reads that hold anything but `expected` and zeros. */
  alien: number;
}

/** Asks for a file larger than all buffers, does `meanwhile` when its head has come, and reads the rest. */
async function served(path: string, expected: string, meanwhile: () => void): Promise<Received> {
  const socket: Socket = connect({ port: server.port, host: "127.0.0.1" });
  const received: Received = { head: "", bytes: 0, strange: 0, alien: 0 };
  const same = Buffer.alloc(SIZE, expected);
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", resolve));
  let begun = false;
  socket.on("data", (chunk: Buffer) => {
    let content = chunk;
    if (!begun) {
      begun = true;
      const end = chunk.indexOf("\r\n\r\n");
      received.head = chunk.subarray(0, end).toString("latin1");
      content = chunk.subarray(end + 4);
      meanwhile();
    }
    received.bytes += content.length;
    if (!content.equals(same.subarray(0, content.length))) {
      received.strange++;
      if (content.some((byte) => byte !== 0 && byte !== same[0])) received.alien++;
    }
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  await closed;
  return received;
}

function large(name: string, letter: string): void {
  writeFileSync(at(name), Buffer.alloc(SIZE, letter));
}

async function statusOf(path: string): Promise<number | undefined> {
  const { text } = await exchangeRaw(server.port, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  return parseResponses(text)[0]?.status;
}

test("a file that becomes shorter: the connection is cut before the length that was announced", async () => {
  large("shrinks", "a");
  const received = await served("/shrinks", "a", () => truncateSync(at("shrinks"), 1_000));
  expect(received.head).toContain(`Content-Length: ${SIZE}`);
  // What sendfile has handed over are pages of the system, which cutting the file may clear on their way.
  expect(received.bytes).toBeLessThan(SIZE);
  expect(received.alien).toBe(0);
});

test("a file that grows: as much as was announced", async () => {
  large("grows", "a");
  const received = await served("/grows", "a", () => appendFileSync(at("grows"), "bbbb"));
  expect(received).toMatchObject({ bytes: SIZE, strange: 0 });
});

test("a file that is deleted, or replaced by another: the one that was announced", async () => {
  large("goes", "a");
  const deleted = await served("/goes", "a", () => rmSync(at("goes")));
  expect(deleted).toMatchObject({ bytes: SIZE, strange: 0 });
  large("first", "a");
  large("second", "b");
  const replaced = await served("/first", "a", () => renameSync(at("second"), at("first")));
  expect(replaced).toMatchObject({ bytes: SIZE, strange: 0 });
});

test("a link that is turned to another file: the one that was announced", async () => {
  large("old", "a");
  large("new", "b");
  symlinkSync("old", at("link"));
  const received = await served("/link", "a", () => {
    symlinkSync("new", at("link.new"));
    renameSync(at("link.new"), at("link"));
  });
  expect(received).toMatchObject({ bytes: SIZE, strange: 0 });
});

test("a directory that becomes a file, and back, is no error of the server", async () => {
  for (let round = 0; round < 3; round++) {
    mkdirSync(at("swaps"));
    writeFileSync(at("swaps/index.html"), "index");
    for (const path of ["/swaps", "/swaps/", "/swaps/index.html"]) {
      expect(await statusOf(path)).toBeLessThan(500);
    }
    rmSync(at("swaps"), { recursive: true });
    writeFileSync(at("swaps"), "file");
    for (const path of ["/swaps", "/swaps/", "/swaps/index.html"]) {
      expect(await statusOf(path)).toBeLessThan(500);
    }
    rmSync(at("swaps"));
  }
});
