import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "../command.ts";
import { DEFAULT_FILE } from "../config-options.ts";
import { starterConfig, starterPage } from "../starter.ts";
import type { NewFile } from "../write-new.ts";
import { writeNew } from "../write-new.ts";

export const initCommand: Command = {
  name: "init",
  summary: `Write a commented ${DEFAULT_FILE} to start from`,
  usage: ["[DIR] [--force]"],
  details: `Writes ${DEFAULT_FILE} into DIR (here if left out), and public/index.html if there is no directory "public" yet.`,
  options: { force: { short: "f", help: "Overwrite a file that is there" } },
  positionals: 1,
  completes: "directory",
  run(args, shell) {
    const folder = args.positionals[0] ?? ".";
    const name = join(folder, DEFAULT_FILE);
    const files: NewFile[] = [{ name, text: starterConfig }];
    if (!existsSync(resolve(shell.cwd, folder, "public"))) {
      files.push({ name: join(folder, "public", "index.html"), text: starterPage });
    }
    writeNew(files, args.options["force"] === true, shell);
    const start = folder === "." ? "sluice" : `sluice -c ${name}`;
    shell.out(`wrote ${files.map((file) => file.name).join(" and ")}\nstart it: ${start}\n`);
    return 0;
  },
};
