import findMyWay from "find-my-way";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";
import { addRoute, createRouter, findRoute } from "rou3";
import { parsePath } from "../src/core/routing/path-pattern.ts";
import { RouteTable } from "../src/core/routing/route-table.ts";
import { machine } from "./lib/machine.ts";
import { parseOptions } from "./lib/options.ts";
import { replaceInReadme } from "./lib/readme.ts";
import { median, spread } from "./lib/statistics.ts";
import { table } from "./lib/table.ts";

/** 200 routes as an API has them: 20 resources with ten addresses each. */
const resources = Array.from({ length: 20 }, (_, index) => `resource${index}`);
const routes = resources.flatMap((name) => [
  `/${name}`,
  `/${name}/recent`,
  `/${name}/search`,
  `/${name}/:id`,
  `/${name}/:id/history`,
  `/${name}/:id/comments`,
  `/${name}/:id/comments/:comment`,
  `/${name}/:id/comments/:comment/likes`,
  `/api/v1/${name}/:id`,
  `/api/v1/${name}/:id/status`,
]);

const asked = {
  static: "/resource17/search",
  "one parameter": "/resource17/4711",
  "two parameters": "/resource17/4711/comments/7",
  deep: "/api/v1/resource19/4711/status",
  miss: "/resource17/4711/unknown/7",
};

type Match = (path: string) => unknown;

/** Each finds the route of a GET and hands out its parameters, as its framework does for a request. */
const matchers: Record<string, () => Match> = {
  sluice() {
    const entries = routes.flatMap((path, rank) =>
      parsePath(path).map((pattern) => ({ pattern, rank, host: undefined, path })),
    );
    const routeTable = new RouteTable(entries);
    return (path) => routeTable.find("localhost", path)[0];
  },
  // What Hono takes by default; its fastest one refuses these routes.
  "Hono (SmartRouter)"() {
    const routers = [new RegExpRouter<string>(), new TrieRouter<string>()];
    const router = new SmartRouter<string>({ routers });
    for (const path of routes) router.add("GET", path, path);
    return (path) => router.match("GET", path);
  },
  rou3() {
    const router = createRouter<string>();
    for (const path of routes) addRoute(router, "GET", path, path);
    return (path) => findRoute(router, "GET", path);
  },
  "find-my-way"() {
    const router = findMyWay();
    for (const path of routes) router.on("GET", path, () => path);
    return (path) => router.find("GET", path);
  },
};

const TIMES = 200_000;

/** Nanoseconds to match, in one process: only the look-up, neither the request nor the handler. */
export async function run(args: readonly string[]): Promise<void> {
  const { rounds } = parseOptions(args);
  const made = Object.entries(matchers).map(([name, make]) => ({ name, match: make() }));
  const figures = new Map<string, number[]>();
  for (let round = -1; round < rounds; round++) {
    for (const [what, path] of Object.entries(asked)) {
      for (const { name, match } of made) {
        const ns = time(match, path);
        const key = `${name} ${what}`;
        if (round >= 0) figures.set(key, [...(figures.get(key) ?? []), ns]);
      }
    }
  }
  const kinds = Object.keys(asked);
  const rows = made.map(({ name }) => [
    name,
    ...kinds.map((what) => {
      const all = figures.get(`${name} ${what}`) as number[];
      return `${median(all).toFixed(0)} (${(spread(all) * 100).toFixed(0)} %)`;
    }),
  ]);
  const text = [
    `200 routes, ns a match, median of ${rounds} rounds (spread); ${machine()}.`,
    "",
    table(["router", ...kinds], rows),
  ].join("\n");
  console.log(text);
  replaceInReadme("router", text);
}

/** What was found last, so that no look-up is optimised away. */
export let found: unknown;

function time(match: Match, path: string): number {
  const start = performance.now();
  for (let i = 0; i < TIMES; i++) found = match(path);
  return ((performance.now() - start) * 1e6) / TIMES;
}
