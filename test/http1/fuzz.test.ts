import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { defaultLimits } from "../../src/server/limits.ts";
import { ChunkedDecoder } from "../../src/wire/http1/chunked-decoder.ts";
import { isProblem, parseRequestHead } from "../../src/wire/http1/request-head.ts";
import { echoApp } from "../support/echo-app.ts";
import { parseResponses } from "../support/raw-client.ts";
import { seededRandom } from "../support/random.ts";
import type { Random } from "../support/random.ts";
import { cases } from "./cases.ts";
import { mutate } from "./mutate.ts";

const SEED = Number(process.env["FUZZ_SEED"] ?? 20261121);
/** Inputs to the parser, whole and split; and through a real server, each followed by a canary. */
const PARSED = Number(process.env["FUZZ_PARSED"] ?? 200_000);
const SERVED = Number(process.env["FUZZ_SERVED"] ?? 200_000);

const seeds = cases.map((item) => item.send).filter((send) => send.length < 2_000);

function input(random: Random): Uint8Array {
  return Buffer.from(mutate(random.pick(seeds), random), "latin1");
}

/** What a parser made of bytes that came in pieces, as text to compare. */
function outcome(bytes: Uint8Array, cuts: readonly number[]): string {
  const stops = [...cuts, bytes.byteLength];
  for (const stop of stops) {
    const head = parseRequestHead(bytes.subarray(0, stop), 0, defaultLimits);
    if (head === undefined) continue;
    if (isProblem(head)) return head.code;
    const text = JSON.stringify({ ...head, fields: head.fields.flat() });
    return head.length >= 0 ? text : text + decodeChunks(bytes, head.end, stops);
  }
  return "incomplete";
}

function decodeChunks(bytes: Uint8Array, from: number, stops: readonly number[]): string {
  const decoder = new ChunkedDecoder(defaultLimits);
  let at = from;
  let data = "";
  for (const stop of stops) {
    if (stop <= at) continue;
    const piece = bytes.subarray(0, stop);
    for (
      let chunk = decoder.next(piece, at);
      chunk !== undefined;
      chunk = decoder.next(piece, at)
    ) {
      data += Buffer.from(chunk).toString("latin1");
      at = decoder.at;
    }
    at = decoder.at;
    if (decoder.problem !== undefined) return `${data} ${decoder.problem.code}`;
    if (decoder.done) return `${data} ${decoder.trailers.join()} ${at}`;
  }
  return `${data} incomplete`;
}

test("however bytes are split, they parse the same", () => {
  const random = seededRandom(SEED);
  let past = 0;
  for (let i = 0; i < PARSED; i++) {
    const bytes = input(random);
    const whole = outcome(bytes, []);
    if (whole.startsWith("{")) past++;
    const cuts = Array.from({ length: random.below(4) + 1 }, () =>
      random.below(bytes.byteLength + 1),
    );
    const split = outcome(
      bytes,
      cuts.toSorted((a, b) => a - b),
    );
    if (split !== whole) {
      expect({ i, bytes: Buffer.from(bytes).toString("latin1"), cuts, outcome: split }).toEqual({
        i,
        bytes: Buffer.from(bytes).toString("latin1"),
        cuts,
        outcome: whole,
      });
    }
    // Byte by byte is the hardest split; a sample keeps the run short.
    if (i % 20 === 0) {
      const every = Array.from({ length: bytes.byteLength }, (_, index) => index);
      expect(outcome(bytes, every)).toBe(whole);
    }
  }
  expect(past / PARSED).toBeGreaterThan(0.3);
}, 120_000);

let server: Server;
beforeAll(async () => {
  const limits = { headerTimeoutMs: 250, idleMs: 250, bodyBytes: 100_000 };
  server = await serve(echoApp(), { port: 0, limits });
});
afterAll(() => server.close());

test("whatever a client sends, the next one is served and nothing is out of step", async () => {
  const random = seededRandom(SEED + 1);
  let sent = 0;
  const worker = async (): Promise<void> => {
    const canary = new Canary(server.port);
    while (sent < SERVED) {
      const number = sent++;
      const bytes = input(random);
      await Promise.all([attack(server.port, bytes), canary.ask(number)]);
    }
    canary.end();
  };
  await Promise.all(Array.from({ length: 24 }, worker));
  expect(sent).toBeGreaterThanOrEqual(SERVED);
}, 600_000);

/** Sends hostile bytes, then its FIN; what comes back must be whole responses. */
function attack(port: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => resolve());
    socket.on("close", () => {
      try {
        if (!Buffer.from(bytes).includes("HEAD ")) check(text);
        resolve();
      } catch (error) {
        reject(new Error(`${JSON.stringify(Buffer.from(bytes).toString("latin1"))}: ${error}`));
      }
    });
    socket.on("end", () => socket.end());
    socket.end(bytes);
  });
}

function check(text: string): void {
  // What follows a takeover is the other protocol's.
  if (text.includes("HTTP/1.1 101")) return;
  for (const answer of parseResponses(text)) {
    if (answer.status >= 500 && ![501, 505].includes(answer.status)) throw new Error(answer.head);
  }
}

/** A well-behaved client on a kept-alive connection: every answer must be to its own question. */
class Canary {
  readonly #socket;
  #text = "";
  #answered: ((text: string) => void) | undefined;
  #broken: Error | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1" });
    this.#socket.on("error", (error) => (this.#broken = error));
    this.#socket.on("data", (chunk) => {
      this.#text += chunk.toString("latin1");
      const [answer] = this.#text.endsWith("}") ? parseResponses(this.#text) : [];
      if (answer === undefined) return;
      this.#text = "";
      this.#answered?.(answer.body);
    });
  }

  async ask(number: number): Promise<void> {
    const answer = new Promise<string>((resolve) => (this.#answered = resolve));
    this.#socket.write(`GET /canary/${number} HTTP/1.1\r\nHost: canary\r\n\r\n`);
    const body = JSON.parse(await answer) as { path: string };
    if (this.#broken !== undefined) throw this.#broken;
    expect(body.path).toBe(`/canary/${number}`);
  }

  end(): void {
    this.#socket.destroy();
  }
}
