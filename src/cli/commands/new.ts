import { readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { projectFiles } from "../project.ts";
import { writeNew } from "../write-new.ts";

/** What npm takes for a package's name, without a scope. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,213}$/;

export const newCommand: Command = {
  name: "new",
  summary: "Make a project: an application, its tests and its settings",
  usage: ["NAME"],
  details: "NAME is a folder that is not there yet, or is empty.",
  options: {},
  positionals: 1,
  examples: [["sluice new notes", "make ./notes; then: cd notes && npm install && npm start"]],
  run(args, shell) {
    const [folder] = args.positionals;
    if (folder === undefined) throw new UsageError("name the project: sluice new NAME");
    const name = basename(resolve(shell.cwd, folder));
    if (!NAME.test(name)) {
      const help = "use lower-case letters, digits, dots and dashes, as npm wants it";
      throw new UsageError(`${JSON.stringify(name)} is no name for a project`, help);
    }
    const path = resolve(shell.cwd, folder);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() === false) throw new UsageError(`${folder} is there already, a file`);
    if (stats !== undefined && readdirSync(path).length > 0) {
      throw new UsageError(`${folder} is there already, and not empty`);
    }
    const files = projectFiles(name);
    writeNew(
      files.map((file) => ({ ...file, name: join(folder, file.name) })),
      false,
      shell,
    );
    const list = files.map((file) => `  ${join(folder, file.name)}\n`).join("");
    const next = `\nnext:\n  cd ${folder}\n  npm install\n  npm start        # http://127.0.0.1:8080\n  npm test\n`;
    shell.out(`wrote\n${list}${next}`);
    return 0;
  },
};
