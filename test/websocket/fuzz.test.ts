import { expect, test } from "bun:test";
import { rawDeflate } from "../../src/runtime/deflate.ts";
import { serve } from "../../src/server/serve.ts";
import { MessageReader } from "../../src/wire/websocket/message-reader.ts";
import { PerMessageDeflate } from "../../src/wire/websocket/permessage-deflate.ts";
import { WebSocketError } from "../../src/wire/websocket/websocket-error.ts";
import { exchangeRaw } from "../support/raw-client.ts";
import type { Random } from "../support/random.ts";
import { seededRandom } from "../support/random.ts";
import { deflated, frame, parseFrames } from "./frames.ts";
import { echoApp, handshake } from "./harness.ts";

const SEED = Number(process.env["FUZZ_SEED"] ?? 1);
const TEXTS = ["", "a", "héllo", "€".repeat(50), "𝄞".repeat(100), "x".repeat(40_000)];

/** Frames as clients send them, wrong ones among them. */
function conversation(random: Random): Buffer {
  const frames: Buffer[] = [];
  const count = 1 + random.below(8);
  let open = false;
  for (let i = 0; i < count; i++) {
    const opcode: number = random.pick(
      open ? [0, 0, 0, 0, 9, random.below(16)] : [1, 1, 2, 8, 9, 10],
    );
    const text = random.pick(TEXTS);
    const compressed = random.below(4) === 0;
    const payload = opcode >= 8 ? text.slice(0, 40) : compressed ? deflated(text) : text;
    const fin: boolean = opcode >= 8 || random.below(3) === 0;
    if (opcode < 8) open = !fin;
    const rsv = compressed && (opcode === 1 || opcode === 2) ? 0x40 : 0;
    frames.push(frame(opcode, payload, { fin, rsv, masked: random.below(40) > 0 }));
  }
  const bytes = Buffer.concat(frames);
  for (let flips = random.below(3); flips > 0 && bytes.length > 0; flips--) {
    // Mostly in heads, where it matters.
    const at =
      random.below(2) === 0 ? random.below(bytes.length) : random.below(Math.min(16, bytes.length));
    bytes[at] = random.below(256);
  }
  return bytes.subarray(0, random.below(10) === 0 ? random.below(bytes.length + 1) : undefined);
}

/** What a reader tells of bytes in pieces, and how it ends. */
function read(bytes: Buffer, cuts: readonly number[]): string[] {
  const told: string[] = [];
  const say = (kind: string, data: string | Uint8Array): void => {
    told.push(`${kind} ${typeof data === "string" ? data : Buffer.from(data).toString("hex")}`);
  };
  const reader = new MessageReader(
    {
      message: (data) => say(typeof data, data),
      ping: (payload) => say("ping", payload),
      pong: (payload) => say("pong", payload),
      close: (code, reason) => say(`close ${code}`, reason),
    },
    true,
    { messageBytes: 70_000, fragments: 3 },
    new PerMessageDeflate(rawDeflate, { windowBits: 15 }),
  );
  try {
    let from = 0;
    for (const cut of [...cuts, bytes.length]) {
      // A copy: reading changes it.
      reader.read(new Uint8Array(bytes.subarray(from, cut)));
      from = cut;
    }
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    told.push(`failed ${error.code}`);
  }
  return told;
}

test("2,000 conversations are understood alike however they are cut", () => {
  const random = seededRandom(SEED);
  const ends = new Set<string>();
  for (let round = 0; round < 2_000; round++) {
    const bytes = conversation(random);
    const whole = read(bytes, []);
    const cuts = Array.from({ length: random.below(6) }, () => random.below(bytes.length + 1));
    cuts.sort((a, b) => a - b);
    const each = bytes.length < 400 ? Array.from(bytes.keys()) : [1, 2, 3, 4, 5, 6, 7, 8];
    for (const split of [cuts, each]) {
      const pieces = read(bytes, split);
      if (Bun.deepEquals(pieces, whole)) continue;
      expect({ round, seed: SEED, pieces }).toEqual({ round, seed: SEED, pieces: whole });
    }
    ends.add(whole.at(-1)?.split(" ").slice(0, 2).join(" ").slice(0, 12) ?? "nothing");
  }
  // The fuzz reaches what it should.
  const kinds = ["failed 1002", "failed 1007", "failed 1008", "failed 1009", "nothing"];
  for (const kind of kinds) expect([...ends]).toContain(kind);
}, 30_000);

test("a server that is fuzzed answers well-formed, and the neighbour notices nothing", async () => {
  const server = await serve(echoApp(), { port: 0, host: "127.0.0.1" });
  const canary = new WebSocket(`ws://127.0.0.1:${server.port}/echo`);
  await new Promise((resolve) => (canary.onopen = resolve));
  const random = seededRandom(SEED + 1);
  for (let round = 0; round < 15; round++) {
    const batch = Array.from({ length: 20 }, () => conversation(random));
    const answers = await Promise.all(
      batch.map((bytes) => {
        const head = Buffer.from(handshake("Sec-WebSocket-Extensions: permessage-deflate\r\n"));
        const all = Buffer.concat([head, bytes]);
        return exchangeRaw(server.port, all, { halfClose: true, quietMs: 20_000 });
      }),
    );
    for (const { text, closed } of answers) {
      expect(closed).toBe(true);
      const frames = parseFrames(Buffer.from(text.slice(text.indexOf("\r\n\r\n") + 4), "latin1"));
      const end = frames.findIndex(({ opcode }) => opcode === 8);
      if (end >= 0) expect(end).toBe(frames.length - 1);
    }
    const echoed = new Promise((resolve) => (canary.onmessage = ({ data }) => resolve(data)));
    canary.send(`round ${round}`);
    expect(await echoed).toBe(`round ${round}`);
  }
  const closed = new Promise((resolve) => (canary.onclose = resolve));
  canary.close();
  await closed;
  while (server.connections > 0) await Bun.sleep(5);
  await server.close();
}, 30_000);
