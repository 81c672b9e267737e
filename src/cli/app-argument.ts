import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { LoadedApp } from "../gateway/actions/app.ts";
import { loadApp } from "../gateway/actions/app.ts";
import type { Arguments } from "./command.ts";
import { UsageError } from "./command.ts";
import type { Shell } from "./shell.ts";

/** An App that a command was given, and its file. */
export interface AppArgument {
  readonly app: LoadedApp;
  /** Absolute. */
  readonly file: string;
}

/**
 * The App of a command's first argument.
 * @param example how the command is called
 * @throws UsageError without a file, AppModuleError when it exports no App or its routes are in conflict
 */
export async function appArgument(
  { positionals: [name] }: Arguments,
  shell: Shell,
  example: string,
): Promise<AppArgument> {
  if (name === undefined) throw new UsageError("name the file of an application", example);
  const file = resolve(shell.cwd, name);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UsageError(`there is no file ${name}`, "name a file that exports an App");
  }
  return { app: await loadApp(file), file };
}
