#!/usr/bin/env bun
import { becomeInnerProgram } from "../sandbox/inner-programs.ts";
import { isWorker } from "../server/workers/is-worker.ts";
import { run } from "./run.ts";
import { processShell } from "./shell.ts";

const LAST_MOMENTS_MS = 500;

// No top-level await: the compiled program's bytecode has none.
void main().then((code) => {
  if (code === undefined) return;
  process.exitCode = code;
  // Everything is done and written. A handle that the runtime fails to close must not keep the process.
  setTimeout(() => process.exit(), LAST_MOMENTS_MS).unref();
});

/** @returns the exit code; none where an inner program goes on */
async function main(): Promise<number | undefined> {
  if (await becomeInnerProgram()) return undefined;
  if (!isWorker(process.env)) return run(process.argv.slice(2), processShell());
  const { runWorker } = await import("../server/workers/worker.ts");
  const { createWorkload } = await import("./workload.ts");
  return runWorker(createWorkload());
}
