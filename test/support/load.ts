// A constant load, in a process of its own: bun test/support/load.ts URL PROTOCOL LANES RATE
// Runs until its standard input ends and prints a LoadResult as JSON. It sends RATE requests for every second,
// however slowly they are answered: when its lanes are all busy it opens more, and what a slow machine could not
// send in time is sent before the end.
import type { Ending, Lane } from "./load-client.ts";
import { Http1Lane, Http2Lane } from "./load-client.ts";

export interface LoadResult {
  answered: number;
  /** Sent once more on another connection, as any client may, and then answered. */
  retried: number;
  /** What failed, by reason. */
  failed: Record<string, number>;
  /** No connection could be made, by reason: expected once a server has stopped. */
  unconnected: Record<string, number>;
  connections: number;
  /** For which the rate was asked. */
  paced: number;
  /** From the first answer to the last. */
  seconds: number;
}

/** Requests a connection serves before the client opens another one; a TLS handshake costs more. */
const PER_CONNECTION = { http: 25, https: 60, h2: 300 };
/** Requests that share an HTTP/2 connection at a time. */
const STREAMS = 8;
const TICK_MS = 10;
/** Requests in flight. */
const MAX_LANES = 128;

const [target = "", protocol = "h1", lanes = "16", rate = "2500"] = process.argv.slice(2);
const url = new URL(target);
const result: LoadResult = {
  answered: 0,
  retried: 0,
  failed: {},
  unconnected: {},
  connections: 0,
  paced: 0,
  seconds: 0,
};
/** No more requests become due. */
let ended = false;
/** Those that were due are sent. */
let stopping = false;
let tokens = 0;
const waiting: (() => void)[] = [];

function open(): Lane {
  result.connections++;
  return protocol === "h2" ? new Http2Lane(url) : new Http1Lane(url);
}

/** Lets as many requests go as the rate has. */
function turn(): Promise<void> | void {
  if (tokens > 0) {
    tokens--;
    return;
  }
  return new Promise((resolve) => waiting.push(resolve));
}

function count(into: Record<string, number>, reason: string): void {
  into[reason] = (into[reason] ?? 0) + 1;
}

/** A connection and those that come after it. */
class Line {
  #lane = open();
  #left: number;

  constructor(index: number) {
    // Not all renew at the same time.
    this.#left = 1 + ((index * 7) % perConnection);
  }

  take(): Lane {
    if (this.#left-- <= 0) this.renew(this.#lane);
    return this.#lane;
  }

  /** Opens another connection unless somebody has done so. */
  renew(spent: Lane): Lane {
    if (spent === this.#lane) {
      spent.close();
      this.#lane = open();
      this.#left = perConnection;
    }
    return this.#lane;
  }
}

async function run(line: Line): Promise<void> {
  for (;;) {
    await turn();
    if (stopping) break;
    let lane = line.take();
    let ending: Ending = await lane.request();
    if (ending.kind === "retryable") {
      lane = line.renew(lane);
      ending = await lane.request();
      if (ending.kind === "answered") result.retried++;
    }
    if (ending.kind === "answered") result.answered++;
    else if (ending.kind === "unconnected") count(result.unconnected, ending.reason);
    else count(result.failed, ending.reason);
    if (ending.kind !== "answered" || ending.closed) line.renew(lane);
    first ??= performance.now();
  }
}

const perConnection =
  PER_CONNECTION[protocol === "h2" ? "h2" : url.protocol === "https:" ? "https" : "http"];
const started = performance.now();
let first: number | undefined;
let paid = 0;
function pay(): void {
  const due = Math.floor(((performance.now() - started) / 1000) * Number(rate));
  tokens += due - paid;
  paid = due;
}
function spend(): void {
  for (; tokens > 0 && waiting.length > 0; tokens--) waiting.shift()?.();
}
const lines: Line[] = [];
const running: Promise<void>[] = [];
/** One more request at a time. */
function widen(): void {
  const shared = protocol === "h2" ? STREAMS : 1;
  if (running.length % shared === 0) lines.push(new Line(lines.length));
  running.push(run(lines.at(-1) as Line));
}
for (let lane = 0; lane < Number(lanes); lane++) widen();
const pace = setInterval(() => {
  // Those of the last time are still here: nobody was free.
  if (tokens > 0 && running.length < MAX_LANES) widen();
  if (!ended) pay();
  spend();
  if (ended && tokens === 0) stop();
}, TICK_MS);
function stop(): void {
  stopping = true;
  for (const resolve of waiting.splice(0)) resolve();
}

for await (const chunk of Bun.stdin.stream()) void chunk;
pay();
result.paced = paid / Number(rate);
ended = true;
await Promise.all(running);
clearInterval(pace);
result.seconds = (performance.now() - (first ?? started)) / 1000;
console.log(JSON.stringify(result));
process.exit(0);
