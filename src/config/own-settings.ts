import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type * as z from "zod";
import type { Diagnostic } from "./diagnostic.ts";
import { sortDiagnostics } from "./diagnostic.ts";
import type { Environment } from "./environment.ts";
import { readValues } from "./read-values.ts";
import { renderDiagnostics } from "./render.ts";

export interface SettingsOptions {
  /** A TOML file that must be there. Left out: `app.toml`, if there is one. */
  readonly file?: string;
  /** Of environment variables: `APP_` (default) makes `APP_DB__URL` of `db.url`. */
  readonly prefix?: string;
  /** Default: `process.env`. */
  readonly env?: Environment;
  /** Where relative paths begin. Default: the working directory. */
  readonly cwd?: string;
}

const DEFAULT_FILE = "app.toml";

/** Settings that are wrong. The message names every mistake with its place, for people. */
export class SettingsError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(renderDiagnostics([...diagnostics]).trimEnd());
    this.name = "SettingsError";
    this.diagnostics = diagnostics;
  }
}

/**
 * Reads an application's own settings, typed by a zod schema: its defaults, then a TOML file, then the
 * environment. Values `env:NAME` and `file:PATH` in the file stand for secrets. What a schema calls one with
 * `.meta({ secret: true })` is not shown in what is said of a mistake.
 *
 * @example
 * const settings = config(z.strictObject({
 *   db: z.strictObject({ url: z.url(), pool: z.int().min(1).default(10) }),
 * }));
 * // APP_DB__URL=postgres://… sluice run app.ts
 * @throws SettingsError with everything that is wrong, each with `file:line:col`, the line and what was expected
 */
export function config<T>(schema: z.ZodType<T>, options: SettingsOptions = {}): T {
  const { prefix = "APP_", env = process.env, cwd = process.cwd() } = options;
  const found = existsSync(resolve(cwd, DEFAULT_FILE)) ? DEFAULT_FILE : undefined;
  const file = options.file ?? found;
  const { repaired, diagnostics } = readValues(schema, { file, env, cwd }, prefix);
  const errors = sortDiagnostics(diagnostics).filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new SettingsError(errors);
  return repaired.config as T;
}
