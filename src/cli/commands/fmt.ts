import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { renderDiagnostics } from "../../config/render.ts";
import { configSchema } from "../../config/schema/config.ts";
import { secretKeys } from "../../config/schema/secret-keys.ts";
import { SourceFile } from "../../config/source-file.ts";
import { formatToml } from "../../config/toml/format.ts";
import { parseToml } from "../../config/toml/parse.ts";
import { reason } from "../../config/values.ts";
import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { DEFAULT_FILE } from "../config-options.ts";
import type { Shell } from "../shell.ts";

export const fmtCommand: Command = {
  name: "fmt",
  summary: "Format a configuration file; comments stay",
  usage: ["[FILE] [--check | --stdout]"],
  details: `Formats FILE (${DEFAULT_FILE} if left out) in place. A file with a syntax error is left alone.`,
  options: {
    check: { help: "Change nothing; exit with 1 if the file is not formatted" },
    stdout: { help: "Write the result to standard output instead" },
  },
  positionals: 1,
  completes: "file",
  examples: [["sluice fmt --check", "for a commit hook"]],
  run(args, shell) {
    const name = args.positionals[0] ?? DEFAULT_FILE;
    const path = resolve(shell.cwd, name);
    const source = read(path, name);
    const { diagnostics } = parseToml(new SourceFile(name, path, source, secretKeys(configSchema)));
    if (diagnostics.length > 0) {
      shell.err(renderDiagnostics(diagnostics, { color: shell.color("err") }));
      return 1;
    }
    const formatted = formatToml(source);
    if (args.options["stdout"]) {
      shell.out(formatted);
      return 0;
    }
    return args.options["check"]
      ? check(name, source === formatted, shell)
      : write(path, name, source, formatted, shell);
  },
};

function check(name: string, same: boolean, shell: Shell): number {
  if (same) return 0;
  shell.err(`${name} is not formatted: run "sluice fmt ${name}"\n`);
  return 1;
}

function write(
  path: string,
  name: string,
  source: string,
  formatted: string,
  shell: Shell,
): number {
  if (source === formatted) {
    shell.out(`${name} is formatted already\n`);
    return 0;
  }
  try {
    writeFileSync(path, formatted);
  } catch (error) {
    throw new UsageError(`cannot write ${name}: ${reason(error)}`);
  }
  shell.out(`formatted ${name}\n`);
  return 0;
}

function read(path: string, name: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${name}: ${reason(error)}`);
  }
}
