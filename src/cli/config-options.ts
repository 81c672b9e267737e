import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Override } from "../config/load.ts";
import type { LoadRequest } from "../config/load.ts";
import { coerce } from "../config/coerce.ts";
import { configSchema } from "../config/schema/config.ts";
import { schemaAt } from "../config/schema/walk.ts";
import type { Arguments, Options } from "./command.ts";
import { UsageError } from "./command.ts";
import type { Shell } from "./shell.ts";

/** The file that is used when none is named. */
export const DEFAULT_FILE = "sluice.toml";

/** Options that choose or change a configuration; shared by the commands that read one. */
export const configOptions = {
  config: { short: "c", value: "FILE", help: `Read FILE instead of ./${DEFAULT_FILE}` },
  host: { value: "HOST", help: "Listen on HOST: 0.0.0.0 opens it to the network" },
  port: { short: "p", value: "PORT", help: "Listen on PORT; 0 lets the system choose" },
  tls: { help: "HTTPS with a certificate made in memory, for development" },
  log: {
    value: "FORMAT",
    help: "Access log on the output: pretty, combined, json or off",
    choices: ["pretty", "combined", "json", "off"],
  },
  workers: { value: "N", help: 'Processes that share the port, or "auto"' },
  admin: { help: "Turn the admin listener on" },
  spa: { help: "With DIR: index.html answers paths without a file" },
  listing: { help: "With DIR: list directories without an index.html" },
} satisfies Options;

/** Which key of the configuration an option sets. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  host: ["server", "host"],
  port: ["server", "port"],
  workers: ["server", "workers"],
};

/** What arguments ask to load. @throws UsageError when there is nothing to load */
export function loadRequest(args: Arguments, shell: Shell): LoadRequest {
  const { options } = args;
  const [directory] = args.positionals;
  const overrides: Override[] = [];
  let file = options["config"] as string | undefined;
  if (directory !== undefined) {
    if (file !== undefined) {
      throw new UsageError("a directory and --config exclude each other", "name one of them");
    }
    overrides.push(directoryRoute(directory, options, shell));
  } else {
    for (const name of ["spa", "listing"]) {
      if (options[name])
        throw new UsageError(`--${name} goes with a directory: sluice DIR --${name}`);
    }
    file ??= defaultFile(shell);
  }
  overrides.push(...overridesOf(options));
  return { file, overrides, env: shell.env, cwd: shell.cwd };
}

/** What options say of the configuration, whatever is served. */
export function overridesOf(options: Arguments["options"]): Override[] {
  const overrides: Override[] = [];
  for (const [name, path] of Object.entries(KEYS)) {
    const text = options[name];
    if (typeof text !== "string") continue;
    const schema = schemaAt(configSchema, path, {});
    overrides.push({ path, value: schema ? coerce(text, schema) : text, name: `--${name}` });
  }
  if (options["tls"]) {
    overrides.push({ path: ["server", "tls", "self_signed"], value: true, name: "--tls" });
  }
  if (options["admin"])
    overrides.push({ path: ["admin"], value: {}, name: "--admin", ifAbsent: true });
  const format = options["log"];
  if (format !== undefined) {
    const access = format === "off" ? "off" : "stdout";
    overrides.push({ path: ["log", "access"], value: access, name: "--log" });
    if (format !== "off") overrides.push({ path: ["log", "format"], value: format, name: "--log" });
  }
  return overrides;
}

function directoryRoute(directory: string, options: Arguments["options"], shell: Shell): Override {
  const path = resolve(shell.cwd, directory);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) {
    let help = "name the directory that has it";
    if (path.endsWith(".toml")) help = `to use it as configuration: sluice -c ${directory}`;
    else if (/\.[cm]?[jt]sx?$/.test(path))
      help = `to run it as an application: sluice run ${directory}`;
    throw new UsageError(`${directory} is a file, not a directory`, help);
  }
  const action: Record<string, unknown> = { type: "static", root: path };
  if (options["spa"]) action["fallback"] = { document: "index.html" };
  if (options["listing"]) action["listing"] = true;
  return { path: ["route"], value: [{ match: { path: "/*" }, action }], name: "argument" };
}

function defaultFile(shell: Shell): string {
  if (existsSync(resolve(shell.cwd, DEFAULT_FILE))) return DEFAULT_FILE;
  throw new UsageError(
    `there is no ${DEFAULT_FILE} here`,
    'serve a directory with "sluice DIR", or write a configuration with "sluice init"',
  );
}
