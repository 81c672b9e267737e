import { allCommands } from "./commands/all.ts";
import { serveCommand } from "./commands/serve.ts";
import { commandHelp, mainHelp } from "./help.ts";
import type { Shell } from "./shell.ts";

/** The reference page of the commands, as Markdown: what `--help` says of each. */
export async function commandReference(): Promise<string> {
  const commands = await allCommands();
  const pages = commands.map(
    (command) => `## sluice ${command.name}\n\n${block(commandHelp(command, plain))}`,
  );
  const intro = `# Commands

<!-- Made by scripts/reference.ts from src/cli/commands: change them and run it. -->

Exit codes: 0 for success, 1 for a failure, 2 for a mistake in the command line.`;
  const main = `## sluice\n\n${block(mainHelp(serveCommand, commands, plain))}`;
  return `${[intro, main, ...pages].join("\n\n")}\n`;
}

function block(text: string): string {
  return `\`\`\`text\n${text}\`\`\``;
}

const plain: Shell = {
  env: {},
  cwd: "/",
  tty: false,
  out() {},
  err() {},
  color: () => false,
};
