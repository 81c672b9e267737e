import type { Command, Options } from "./command.ts";
import type { Shell } from "./shell.ts";
import { styles } from "./shell.ts";
import { VERSION } from "./version.ts";

const INDENT = "  ";
const WIDTH = 80;

/** The help of `sluice` itself. */
export function mainHelp(serve: Command, commands: readonly Command[], shell: Shell): string {
  const { bold, dim } = styles(shell.color("out"));
  const calls: [string, string][] = [
    ["sluice [DIR]", "serve a directory"],
    ["sluice -c FILE", "serve what a configuration says"],
    ["sluice COMMAND", "do one of the things below"],
  ];
  return joinParts([
    `${bold("sluice")} ${dim(VERSION)}  serves files and routes over HTTP/1.1, HTTP/2 and HTTP/3`,
    section("Usage", columns(calls), shell),
    section("Commands", columns(commands.map(({ name, summary }) => [name, summary])), shell),
    section(
      "Options",
      columns([...optionRows(serve.options), HELP_ROW, ["-V, --version", "Print the version"]]),
      shell,
    ),
    section("Examples", columns(serve.examples ?? []), shell),
    section(
      "Environment",
      wrapped(
        "SLUICE_SERVER__PORT=80 and the like set any key of the configuration: stronger than the file, weaker than options. NO_COLOR turns colours off.",
      ),
      shell,
    ),
    '"sluice COMMAND --help" tells more about a command.',
  ]);
}

/** The help of one command. */
export function commandHelp(command: Command, shell: Shell): string {
  const { bold } = styles(shell.color("out"));
  const usage = command.usage.map((line) => `${INDENT}sluice ${command.name} ${line}`.trimEnd());
  const rows = [...optionRows(command.options), HELP_ROW];
  return joinParts([
    `${bold(`sluice ${command.name}`)}  ${command.summary}`,
    section("Usage", usage.join("\n"), shell),
    command.details === undefined ? "" : wrapped(command.details, ""),
    section("Options", columns(rows), shell),
    command.examples === undefined ? "" : section("Examples", columns(command.examples), shell),
  ]);
}

const HELP_ROW: [string, string] = ["-h, --help", "Show this help"];

function optionRows(options: Options): [string, string][] {
  return Object.entries(options).map(([name, option]) => {
    const short = option.short === undefined ? "    " : `-${option.short}, `;
    const value = option.value === undefined ? "" : ` ${option.value}`;
    return [`${short}--${name}${value}`, option.help];
  });
}

function section(title: string, body: string, shell: Shell): string {
  return `${styles(shell.color("out")).bold(title)}\n${body}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${INDENT}${left.padEnd(width)}   ${right}`).join("\n");
}

function wrapped(text: string, indent = INDENT): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, indent + line].join("\n");
}

function joinParts(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
