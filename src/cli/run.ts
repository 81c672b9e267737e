import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { suggest } from "../config/suggest.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./command.ts";
import { commands } from "./commands/all.ts";
import { serveCommand } from "./commands/serve.ts";
import { commandHelp, mainHelp } from "./help.ts";
import { parseArguments } from "./parse-arguments.ts";
import type { Shell } from "./shell.ts";
import { styles } from "./shell.ts";
import { VERSION } from "./version.ts";

/** Runs one command line. @returns the exit code: 0, 1 for a failure, 2 for a mistake in the command line */
export async function run(args: readonly string[], shell: Shell): Promise<number> {
  try {
    return await dispatch(args, shell);
  } catch (error) {
    const { red } = styles(shell.color("err"));
    if (error instanceof UsageError) {
      const help = error.help === undefined ? "" : `  = help: ${error.help}\n`;
      shell.err(`${red("error:")} ${error.message}\n${help}`);
      return 2;
    }
    shell.err(`${red("error:")} ${describe(error)}\n`);
    return 1;
  }
}

/** Failures of the system say enough; anything else is a mistake of ours, and its stack helps to find it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? error.message : (error.stack ?? error.message);
}

function dispatch(args: readonly string[], shell: Shell): number | Promise<number> {
  const [first] = args;
  const command = commands.find(({ name }) => name === first);
  const rest = command === undefined ? args : args.slice(1);
  const before = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  if (before.includes("--help") || before.includes("-h")) {
    shell.out(command ? commandHelp(command, shell) : mainHelp(serveCommand, commands, shell));
    return 0;
  }
  if (command !== undefined) return command.run(parseArguments(command, rest), shell);
  if (before.includes("--version") || before.includes("-V")) {
    shell.out(`sluice ${VERSION}\n`);
    return 0;
  }
  if (first === "help") return help(args[1], shell);
  const parsed = parseOrSuggest(args);
  const [directory] = parsed.positionals;
  if (directory !== undefined && !existsSync(resolve(shell.cwd, directory))) {
    throw neither(directory);
  }
  return serveCommand.run(parsed, shell);
}

/** `sluice help COMMAND` */
function help(name: string | undefined, shell: Shell): number {
  const command = commands.find((candidate) => candidate.name === name);
  if (name !== undefined && command === undefined) throw neither(name);
  shell.out(command ? commandHelp(command, shell) : mainHelp(serveCommand, commands, shell));
  return 0;
}

/** What is no command is a directory; two words are more likely a command that was misspelt. */
function parseOrSuggest(args: readonly string[]) {
  const [first] = args;
  try {
    return parseArguments(serveCommand, args);
  } catch (error) {
    const close = first?.startsWith("-") ? undefined : closest(first ?? "");
    if (error instanceof UsageError && close !== undefined) throw neither(first as string);
    throw error;
  }
}

function neither(word: string): UsageError {
  if (/[./\\]/.test(word)) {
    return new UsageError(`there is no directory ${word}`, "make it, or correct the path");
  }
  const close = closest(word);
  return new UsageError(
    `there is no directory and no command ${JSON.stringify(word)}`,
    close === undefined
      ? '"sluice --help" shows the commands'
      : `did you mean "sluice ${close.name}"?`,
  );
}

function closest(word: string): Command | undefined {
  const name = suggest(
    word,
    commands.map((command) => command.name),
  );
  return commands.find((command) => command.name === name);
}
