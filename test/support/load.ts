// A constant load, in a process of its own: bun test/support/load.ts URL PROTOCOL LANES RATE
// Runs until its standard input ends and prints a LoadResult as JSON.
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
  seconds: number;
}

/** Requests a connection serves before the client opens another one; a TLS handshake costs more. */
const PER_CONNECTION = { http: 25, https: 60, h2: 300 };
/** Requests that share an HTTP/2 connection at a time. */
const STREAMS = 8;
const TICK_MS = 10;

const [target = "", protocol = "h1", lanes = "16", rate = "2500"] = process.argv.slice(2);
const url = new URL(target);
const result: LoadResult = {
  answered: 0,
  retried: 0,
  failed: {},
  unconnected: {},
  connections: 0,
  seconds: 0,
};
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

function release(): void {
  for (const resolve of waiting.splice(0)) resolve();
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
const pace = setInterval(() => {
  const due = Math.floor(((performance.now() - started) / 1000) * Number(rate));
  // What could not be sent in time is not made up for in a burst.
  tokens = Math.min(tokens + due - paid, Number(rate) / 20);
  paid = due;
  for (; tokens > 0 && waiting.length > 0; tokens--) waiting.shift()?.();
}, TICK_MS);
const lines = Array.from(
  { length: Math.ceil(Number(lanes) / (protocol === "h2" ? STREAMS : 1)) },
  (_, index) => new Line(index),
);
const all = Promise.all(
  Array.from({ length: Number(lanes) }, (_, index) => run(lines[index % lines.length] as Line)),
);

for await (const chunk of Bun.stdin.stream()) void chunk;
stopping = true;
clearInterval(pace);
const drained = setInterval(release, TICK_MS);
await all;
clearInterval(drained);
result.seconds = (performance.now() - (first ?? started)) / 1000;
console.log(JSON.stringify(result));
process.exit(0);
