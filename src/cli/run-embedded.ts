import { whyNotLoaded } from "../gateway/actions/why-not-loaded.ts";
import { embeddedModules } from "../internal/embedded-modules.ts";
import { becomeInnerProgram } from "../sandbox/inner-programs.ts";
import { isWorker } from "../server/workers/is-worker.ts";
import { EMBEDDED_APP } from "./commands/run.ts";
import { run } from "./run.ts";
import { processShell } from "./shell.ts";

const LAST_MOMENTS_MS = 500;

/**
 * The main program of an executable that `sluice build` makes: `sluice run` of the application inside.
 * @param load gives what the application's module exports
 */
export async function runEmbedded(
  load: () => Promise<Readonly<Record<string, unknown>>>,
): Promise<void> {
  if (await becomeInnerProgram()) return;
  try {
    embeddedModules.set(EMBEDDED_APP, await load());
  } catch (error) {
    processShell().err(`error: the application cannot start:${whyNotLoaded(error)}\n`);
    process.exit(1);
  }
  process.exitCode = await main();
  setTimeout(() => process.exit(), LAST_MOMENTS_MS).unref();
}

async function main(): Promise<number> {
  if (!isWorker(process.env)) {
    return run(["run", EMBEDDED_APP, ...process.argv.slice(2)], processShell());
  }
  const { runWorker } = await import("../server/workers/worker.ts");
  const { createWorkload } = await import("./workload.ts");
  return runWorker(createWorkload());
}
