import { parseArgs } from "node:util";
import { App } from "../src/core/app.ts";
import type { Middleware } from "../src/core/middleware.ts";
import { wasmMiddleware } from "../src/sandbox/http/wasm-middleware.ts";
import { WasmSandbox } from "../src/sandbox/sandbox.ts";
import { wat } from "../test/sandbox/guests/wat.ts";
import { median, spread } from "./lib/statistics.ts";
import { table } from "./lib/table.ts";

/** Reads a header, sets one of the request and one of the answer, and passes the request on. */
const GUEST = `(module
  (import "http_handler" "get_header_values" (func $get (param i32 i32 i32 i32 i32) (result i64)))
  (import "http_handler" "set_header_value" (func $set (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "acceptx-guestyes")
  (func (export "handle_request") (result i64)
    (drop (call $get (i32.const 0) (i32.const 0) (i32.const 6) (i32.const 64) (i32.const 256)))
    (call $set (i32.const 0) (i32.const 6) (i32.const 7) (i32.const 13) (i32.const 3))
    (call $set (i32.const 1) (i32.const 6) (i32.const 7) (i32.const 13) (i32.const 3))
    (i64.const 1))
  (func (export "handle_response") (param i32 i32)))`;

/**
 * What a middleware for http-wasm adds to a request. Target: ≤ 10 µs of the server's thread, inline. Each round asks
 * the App without it and with it by turns, without sockets.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "15" },
      requests: { type: "string", default: "5000" },
    },
  });
  const [rounds, requests] = [Number(values.rounds), Number(values.requests)];
  const rows: string[][] = [];
  for (const executor of ["inline", "worker"] as const) {
    const builder = WasmSandbox.builder().source(wat(GUEST)).executor(executor);
    await using sandbox = await builder.build();
    const plain = appWith();
    const guarded = appWith(wasmMiddleware(sandbox) as Middleware);
    const added: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const without = await cpuOf(plain, requests);
      const within = await cpuOf(guarded, requests);
      // The first round compiles.
      if (round > 0) added.push(within - without);
    }
    rows.push([executor, median(added).toFixed(1), `${(spread(added) * 100).toFixed(0)} %`]);
  }
  console.log(table(["executor", "µs added to a request", "spread"], rows));
}

function appWith(layer?: Middleware): App {
  const app = new App();
  if (layer !== undefined) app.use(layer);
  return app.get("/", () => "hello") as unknown as App;
}

/** Microseconds of CPU of this thread for a request. A guest that is stopped by its clock counts as one. */
async function cpuOf(app: App, requests: number): Promise<number> {
  const request = new Request("http://localhost/", { headers: { accept: "*/*" } });
  const before = process.threadCpuUsage();
  for (let i = 0; i < requests; i++) await app.fetch(request);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / requests;
}
