// npm run bench -- NAME [OPTIONS]
const benches: Record<string, { summary: string; load: () => Promise<{ run: Bench }> }> = {
  http: {
    summary: "Sluice beside nginx, Caddy, Bun.serve and Fastify",
    load: () => import("./http.ts"),
  },
  framework: {
    summary: "an App beside Hono, Elysia and Fastify, and each beside its bare transport",
    load: () => import("./framework.ts"),
  },
  proxy: {
    summary:
      "a reverse proxy beside nginx, HAProxy, Caddy, Bun.serve with fetch and @fastify/http-proxy",
    load: () => import("./proxy.ts"),
  },
  router: {
    summary: "200 routes beside the routers of Hono, rou3 and find-my-way",
    load: () => import("./router.ts"),
  },
  routes: {
    summary: "the last of 10 and of 10,000 routes of a configuration",
    load: () => import("./routes.ts"),
  },
  types: {
    summary: "what 300 routes with a client cost the compiler, beside Hono and Elysia",
    load: () => import("./types/run.ts"),
  },
  logs: { summary: "what an access log costs", load: () => import("./logs.ts") },
  sandbox: {
    summary:
      "calls into WebAssembly guests beside Extism and node:vm, and how late endless ones are stopped",
    load: () => import("./sandbox.ts"),
  },
  multipart: {
    summary: "a large upload read beside @fastify/busboy",
    load: () => import("./multipart.ts"),
  },
  "sandbox-http": {
    summary: "what a guest for http-wasm adds to a request",
    load: () => import("./sandbox-http.ts"),
  },
  "sandbox-loader": {
    summary: "what instrumenting WebAssembly costs, and what the checks cost guests",
    load: () => import("./sandbox-loader.ts"),
  },
};

type Bench = (args: readonly string[]) => Promise<void>;

const [name = "", ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  const list = Object.entries(benches).map(([key, { summary }]) => `  ${key.padEnd(11)}${summary}`);
  console.error(`usage: npm run bench -- NAME [OPTIONS]\n${list.join("\n")}`);
  process.exit(2);
}
const { run } = await bench.load();
await run(args);
// Children are ended by then; a socket that lingers is no reason to stay.
process.exit(0);

export type { Bench };
