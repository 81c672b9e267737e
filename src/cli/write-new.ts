import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { reason } from "../config/values.ts";
import { UsageError } from "./command.ts";
import type { Shell } from "./shell.ts";

export interface NewFile {
  readonly name: string;
  readonly text: string;
  /** Permission bits; 0o644 if left out. */
  readonly mode?: number;
}

/**
 * Writes files that must not be there yet, all or none.
 * @throws UsageError when one is there and `force` is not given, or it cannot be written
 */
export function writeNew(files: readonly NewFile[], force: boolean, shell: Shell): void {
  for (const { name } of files) {
    if (!force && existsSync(resolve(shell.cwd, name))) {
      throw new UsageError(`${name} is there already`, "--force overwrites it");
    }
  }
  for (const { name, text, mode = 0o644 } of files) {
    const path = resolve(shell.cwd, name);
    try {
      mkdirSync(dirname(path), { recursive: true });
      writePrivately(path, text, mode);
    } catch (error) {
      throw new UsageError(`cannot write ${name}: ${reason(error)}`);
    }
  }
}

/** A secret must not stand in a readable file even for a moment, so an old file gives way to a new one. */
function writePrivately(path: string, text: string, mode: number): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, text, { mode, flag: "wx" });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
