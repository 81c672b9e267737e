import { gateway } from "../src/gateway/gateway.ts";
import { FetchExchange } from "../src/core/fetch-exchange.ts";
import { machine } from "./lib/machine.ts";
import { parseOptions } from "./lib/options.ts";
import { replaceInReadme } from "./lib/readme.ts";
import { median, spread } from "./lib/statistics.ts";
import { table } from "./lib/table.ts";

interface Kind {
  /** What the route of a number asks for. */
  match(index: number): object;
  /** An address that only that route answers. */
  address(index: number): string;
  /** How many requests are timed, for a number of routes. */
  times(routes: number): number;
}

const often = (): number => 100_000;

const kinds: Record<string, Kind> = {
  "a host each": {
    match: (index) => ({ host: `h${index}.example.com` }),
    address: (index) => `http://h${index}.example.com/a/b`,
    times: often,
  },
  "a wildcard host each": {
    match: (index) => ({ host: `*.h${index}.example.com` }),
    address: (index) => `http://www.h${index}.example.com/a/b`,
    times: often,
  },
  "a prefix each": {
    match: (index) => ({ path: `/p${index}/*` }),
    address: (index) => `http://example.com/p${index}/a/b`,
    times: often,
  },
  "host and prefix each": {
    match: (index) => ({ host: `h${index}.example.com`, path: `/p${index}/*` }),
    address: (index) => `http://h${index}.example.com/p${index}/a/b`,
    times: often,
  },
  "a regexp behind a prefix each": {
    match: (index) => ({ path: `~^/p${index}/[0-9]+$` }),
    address: (index) => `http://example.com/p${index}/4711`,
    times: often,
  },
  "a regexp each, nothing before it": {
    match: (index) => ({ path: `~/p${index}$` }),
    address: (index) => `http://example.com/a/p${index}`,
    times: (routes) => Math.ceil(200_000 / routes),
  },
};

const SIZES = [10, 10_000];

/** What finding the last of many routes costs, from the request's head to the reply, in one process. */
export async function run(args: readonly string[]): Promise<void> {
  const { rounds } = parseOptions(args);
  const rows: string[][] = [];
  for (const [name, kind] of Object.entries(kinds)) {
    const asks = await Promise.all(SIZES.map((size) => prepare(kind, size)));
    const figures: number[][] = SIZES.map(() => []);
    // In turn, so that what else the machine does is everybody's.
    for (let round = -1; round < rounds; round++) {
      for (const [at, ask] of asks.entries()) {
        const ns = time(ask, kind.times(SIZES[at] as number));
        if (round >= 0) figures[at]?.push(ns);
      }
    }
    const [few = [], many = []] = figures;
    rows.push([name, cell(few), cell(many), (median(many) / median(few)).toFixed(2)]);
  }
  const text = [
    `ns a request, median of ${rounds} rounds (spread): the last of so many routes is asked for; ${machine()}.`,
    "",
    table(["routes", ...SIZES.map((size) => `of ${size}`), "ratio"], rows),
  ].join("\n");
  console.log(text);
  replaceInReadme("routes", text);
}

function cell(all: readonly number[]): string {
  return `${median(all).toFixed(0)} (${(spread(all) * 100).toFixed(0)} %)`;
}

/** Asks a gateway of so many routes for its last one. */
async function prepare({ match, address }: Kind, size: number): Promise<() => unknown> {
  const front = await gateway({
    route: Array.from({ length: size }, (_, index) => ({
      match: match(index),
      action: { type: "respond", body: `${index}` },
    })),
  });
  const exchange = new FetchExchange(new Request(address(size - 1)));
  const ask = (): unknown => front.handle(exchange);
  const reply = (await ask()) as { body: unknown };
  if (reply.body !== `${size - 1}`) throw new Error(`${address(size - 1)}: ${String(reply.body)}`);
  return ask;
}

/** What was answered last, so that no request is optimised away. */
export let answered: unknown;

function time(ask: () => unknown, times: number): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) answered = ask();
  return ((performance.now() - start) * 1e6) / times;
}
