import type { Payload } from "../../sandbox/abi/abi.ts";
import { HANDLE_REQUEST } from "../../sandbox/abi/http-message.ts";
import type { ExecutorKind } from "../../sandbox/executor/executor.ts";
import type { WasmSandbox } from "../../sandbox/sandbox.ts";
import { escapeControls } from "../../telemetry/log/escape.ts";
import type { Arguments } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Shell } from "../shell.ts";
import { builderFrom, entryOf, inputOf } from "./sandbox-of.ts";

const EXECUTORS: readonly ExecutorKind[] = ["inline", "worker", "process"];

/** Calls a guest again and again on each executor, one call after the other. */
export async function benchGuest(file: string, args: Arguments, shell: Shell): Promise<number> {
  const seconds = Number(args.options["seconds"] ?? 1);
  if (!(seconds > 0 && seconds <= 60)) throw new UsageError("--seconds is a number up to 60");
  const input = inputOf(args, shell);
  const wanted = args.options["executor"] as ExecutorKind | undefined;
  shell.out("executor    calls/s     p50 µs     p99 µs     failed\n");
  for (const executor of wanted === undefined ? EXECUTORS : [wanted]) {
    try {
      await using sandbox = await builderFrom(file, args, shell).executor(executor).build();
      const { times, failed, why } = await timesOf(sandbox, args, input, seconds * 1000);
      if (times.length === 0) throw why;
      const total = times.reduce((sum, time) => sum + time, 0);
      times.sort((a, b) => a - b);
      const at = (part: number): number => (times[Math.floor(times.length * part)] ?? 0) * 1000;
      const row = [(times.length / total) * 1000, at(0.5), at(0.99)];
      const cells = [...row.map((n) => n.toFixed(1)), String(failed)];
      shell.out(`${executor.padEnd(8)}${cells.map((cell) => cell.padStart(11)).join("")}\n`);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      shell.err(`error: ${executor}: ${escapeControls((error as Error).message)}\n`);
      return 1;
    }
  }
  return 0;
}

interface Measured {
  /** Milliseconds of each call that succeeded, without the first ones, for which code is compiled. */
  readonly times: number[];
  /** Calls that did not. */
  readonly failed: number;
  /** The last failure. */
  readonly why: unknown;
}

async function timesOf(
  sandbox: WasmSandbox,
  args: Arguments,
  input: Uint8Array | undefined,
  forMs: number,
): Promise<Measured> {
  const call = callOf(sandbox, args, input);
  const times: number[] = [];
  const end = performance.now() + forMs;
  const warm = end - forMs * 0.75;
  let failed = 0;
  let why: unknown;
  for (let before = performance.now(); before < end;) {
    let isGood = true;
    try {
      await call();
    } catch (error) {
      isGood = false;
      failed++;
      why = error;
    }
    const after = performance.now();
    if (isGood && (before >= warm || after >= end)) times.push(after - before);
    before = after;
  }
  return { times, failed, why };
}

function callOf(
  sandbox: WasmSandbox,
  args: Arguments,
  input: Uint8Array | undefined,
): () => Promise<unknown> {
  if (sandbox.abi !== "http-wasm") {
    const entry = entryOf(args, sandbox);
    return () => sandbox.call(entry, input, { as: "bytes" });
  }
  const message: Payload = {
    method: "GET",
    uri: "/",
    protocol: "HTTP/1.1",
    source: "127.0.0.1:1234",
    scheme: "http",
    host: "localhost",
    headers: ["Host", "localhost", "Accept", "*/*"],
    body: input ?? new Uint8Array(0),
    trailers: [],
  };
  return () => sandbox.exchange(HANDLE_REQUEST, message);
}
