import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { suggest } from "../config/suggest.ts";
import type { Arguments, Command } from "./command.ts";
import { UsageError } from "./command.ts";
import { allCommands, commandNamed } from "./commands/all.ts";
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

async function dispatch(args: readonly string[], shell: Shell): Promise<number> {
  const [first] = args;
  const command = await commandNamed(first);
  const rest = command === undefined ? args : args.slice(1);
  const before = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  if (before.includes("--help") || before.includes("-h")) {
    shell.out(await helpOf(command, shell));
    return 0;
  }
  if (command !== undefined) return command.run(parseArguments(command, rest), shell);
  if (before.includes("--version") || before.includes("-V")) {
    shell.out(`sluice ${VERSION}\n`);
    return 0;
  }
  if (first === "help") return help(args[1], shell);
  const parsed = await parseOrSuggest(args);
  const [directory] = parsed.positionals;
  if (directory !== undefined && !existsSync(resolve(shell.cwd, directory))) {
    throw await neither(directory);
  }
  return serveCommand.run(parsed, shell);
}

/** `sluice help COMMAND` */
async function help(name: string | undefined, shell: Shell): Promise<number> {
  const command = await commandNamed(name);
  if (name !== undefined && command === undefined) throw await neither(name);
  shell.out(await helpOf(command, shell));
  return 0;
}

async function helpOf(command: Command | undefined, shell: Shell): Promise<string> {
  if (command !== undefined) return commandHelp(command, shell);
  return mainHelp(serveCommand, await allCommands(), shell);
}

/** What is no command is a directory; two words are more likely a command that was misspelt. */
async function parseOrSuggest(args: readonly string[]): Promise<Arguments> {
  const [first] = args;
  try {
    return parseArguments(serveCommand, args);
  } catch (error) {
    const close = first?.startsWith("-") ? undefined : await closest(first ?? "");
    if (error instanceof UsageError && close !== undefined) throw await neither(first as string);
    throw error;
  }
}

async function neither(word: string): Promise<UsageError> {
  if (/[./\\]/.test(word)) {
    return new UsageError(`there is no directory ${word}`, "make it, or correct the path");
  }
  const close = await closest(word);
  return new UsageError(
    `there is no directory and no command ${JSON.stringify(word)}`,
    OTHERS.get(word) ??
      (close === undefined
        ? '"sluice --help" shows the commands'
        : `did you mean "sluice ${close.name}"?`),
  );
}

const SERVES = '"sluice" alone serves ./sluice.toml, "sluice -c FILE" another one';

/** What other servers call a thing, and how it is done here. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ["serve", SERVES],
  ["start", SERVES],
  ["up", SERVES],
  [
    "reload",
    '"sluice ctl reload" where the server has [admin], else send it SIGHUP ("kill -HUP PID")',
  ],
  ["restart", 'a reload takes almost any change: "sluice ctl reload", or "kill -HUP PID"'],
  ["stop", 'send SIGTERM to the server: it finishes what it has ("kill PID")'],
  ["quit", 'send SIGTERM to the server: it finishes what it has ("kill PID")'],
  ["version", '"sluice --version" prints it'],
  ["validate", 'did you mean "sluice check"?'],
  ["test", 'did you mean "sluice check"?'],
  ["lint", 'did you mean "sluice check"?'],
  ["adapt", 'did you mean "sluice print"?'],
]);

async function closest(word: string): Promise<Command | undefined> {
  const commands = await allCommands();
  const name = suggest(
    word,
    commands.map((command) => command.name),
  );
  return commands.find((command) => command.name === name);
}
