import { fileURLToPath } from "node:url";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { isExecutable } from "./is-executable.ts";

/** Marks the name of an inner program, in the data of a thread and in the arguments of a process. */
const MARK = "sluice:program=";

/**
 * Starts a thread with a program of ours. As source or built it is a file beside the one that starts it; an
 * executable runs its own main program again, which then asks {@link innerProgram} what it is to be.
 *
 * @param from `import.meta.url` of the file that starts it
 * @param name of the file beside it, without its ending
 */
export function startThread(from: string, name: string): Worker {
  if (isExecutable()) return new Worker(Bun.main, { workerData: MARK + name });
  return new Worker(programFile(from, name));
}

/** The command of a process with a program of ours, as with {@link startThread}. @param flags for the runtime */
export function programCommand(from: string, name: string, flags: readonly string[]): string[] {
  const { execPath } = process;
  if (isExecutable()) return [execPath, MARK + name];
  return [execPath, ...flags, fileURLToPath(programFile(from, name))];
}

function programFile(from: string, name: string): URL {
  return new URL(`./${name}${from.endsWith(".js") ? ".js" : ".ts"}`, from);
}

/** The inner program that this thread or process of an executable is to be, if it is. */
export function innerProgram(): string | undefined {
  if (!isExecutable()) return undefined;
  const told: unknown = isMainThread ? process.argv[2] : workerData;
  if (typeof told !== "string" || !told.startsWith(MARK)) return undefined;
  return told.slice(MARK.length);
}
