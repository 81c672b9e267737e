import { innerProgram } from "../runtime/inner-program.ts";

/** By name what starts in a thread or a process of its own. Each runs when it is imported. */
const programs: Readonly<Record<string, () => Promise<unknown>>> = {
  "guest-process": () => import("./executor/process/guest-process.ts"),
  "guest-thread": () => import("./executor/worker/guest-thread.ts"),
  "instrument-thread": () => import("./module/instrument-thread.ts"),
  "watchdog-thread": () => import("./watchdog/watchdog-thread.ts"),
};

/**
 * For the main program of an executable, before it does anything else.
 *
 * @returns whether this thread or process is an inner program; it runs then, and nothing else is to be done
 */
export async function becomeInnerProgram(): Promise<boolean> {
  const name = innerProgram();
  if (name === undefined || !Object.hasOwn(programs, name)) return false;
  await programs[name]?.();
  return true;
}
