import { watch } from "node:fs";
import { ownCommand } from "../server/workers/own-command.ts";
import type { Shell } from "./shell.ts";

export interface RunAgainOptions {
  /** Everything below it counts, but for `node_modules` and what begins with a dot. */
  readonly folder: string;
  readonly shell: Shell;
  /** Milliseconds of quiet; editors write a file in several steps. */
  readonly quietMs?: number;
}

const IGNORED = /(?:^|[/\\])(?:node_modules|\.[^/\\]*)(?:[/\\]|$)/;

/**
 * Runs this very command without `--watch` as a child, and again whenever a file changes. A child that fails
 * is told and waited for: the next change starts it anew.
 * @returns the exit code of the last child, once the process is told to stop
 */
export async function runAgainOnChange({
  folder,
  shell,
  quietMs = 150,
}: RunAgainOptions): Promise<number> {
  const command = ownCommand().filter((argument) => argument !== "--watch");
  const start = () =>
    Bun.spawn(command, { stdin: "inherit", stdout: "inherit", stderr: "inherit", cwd: shell.cwd });
  let stopping = false;
  let changed = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watcher = watch(folder, { recursive: true }, (_event, name) => {
    if (name !== null && IGNORED.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => changed.resolve(), quietMs);
  });
  let child = start();
  const stop = (signal: NodeJS.Signals): void => {
    stopping = true;
    child.kill(signal);
    changed.resolve();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
  for (;;) {
    const own = child;
    void own.exited.then((code) => {
      if (stopping || own !== child || code === 0) return;
      shell.err(`the application ended with ${code}; it starts again when a file changes\n`);
    });
    await changed.promise;
    if (stopping) break;
    changed = Promise.withResolvers();
    shell.err("a file changed, starting again\n");
    child.kill("SIGTERM");
    await child.exited;
    child = start();
  }
  watcher.close();
  clearTimeout(timer);
  return child.exited;
}
