import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { SettingsError } from "../../config/own-settings.ts";
import { AppModuleError, loadApp } from "../../gateway/actions/app.ts";
import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Shell } from "../shell.ts";

export const buildCommand: Command = {
  name: "build",
  summary: "Make one executable of an application",
  usage: ["FILE [-o OUT]"],
  details:
    "OUT holds the application, Sluice and the runtime: it runs on a machine that has none of them, with the options of `sluice run`. Files that the application reads at run time must be there too.",
  options: {
    output: { short: "o", value: "OUT", help: "Write OUT; left out: FILE without its extension" },
  },
  positionals: 1,
  completes: "file",
  examples: [["sluice build app.ts -o server", "make ./server; start it: ./server --port 8080"]],
  async run(args, shell) {
    const [name] = args.positionals;
    if (name === undefined) throw new UsageError("name the module to build: sluice build app.ts");
    const module = resolve(shell.cwd, name);
    if (statSync(module, { throwIfNoEntry: false })?.isFile() !== true) {
      throw new UsageError(`there is no file ${name}`);
    }
    const wanted = args.options["output"];
    const short = basename(name, extname(name));
    const out = typeof wanted === "string" ? wanted : short;
    if (statSync(resolve(shell.cwd, out), { throwIfNoEntry: false })?.isDirectory() === true) {
      throw new UsageError(`${out} is a directory`, "name a file with -o");
    }
    // Whatever is wrong with it is told now, and not by the executable.
    try {
      await loadApp(module);
    } catch (error) {
      if (!refusesSettings(error)) throw error;
      const help = "these are read anew where the executable starts; its routes were not checked";
      shell.err(`warning: ${error.message}\n  = help: ${help}\n`);
    }
    const code = await compile(module, resolve(shell.cwd, out), shell);
    if (code === 0) {
      const started = isAbsolute(out) || /^\.\.?\//.test(out) ? out : `./${out}`;
      const size = statSync(resolve(shell.cwd, out)).size / 2 ** 20;
      shell.out(`wrote ${out} (${size.toFixed(0)} MiB)\nstart it: ${started} --port 8080\n`);
    }
    return code;
  },
};

/** Settings and secrets of production are not where executables are built. */
function refusesSettings(error: unknown): error is AppModuleError {
  if (!(error instanceof AppModuleError) || !(error.cause instanceof Error)) return false;
  const { cause } = error;
  return cause instanceof SettingsError || ("issues" in cause && Array.isArray(cause.issues));
}

async function compile(module: string, out: string, shell: Shell): Promise<number> {
  const runner = join(dirname(import.meta.dirname), "run-embedded.ts");
  if (statSync(runner, { throwIfNoEntry: false }) === undefined) {
    const help = "npm install sluice, then: npx sluice build";
    throw new UsageError("an executable cannot build another one", help);
  }
  const folder = mkdtempSync(join(tmpdir(), "sluice-build-"));
  const entry = join(folder, "main.ts");
  const [app, run] = [JSON.stringify(module), JSON.stringify(runner)];
  writeFileSync(
    entry,
    `import { runEmbedded } from ${run};\nvoid runEmbedded(() => import(${app}));\n`,
  );
  try {
    const command = [process.execPath, "build", "--compile", "--minify", "--outfile", out, entry];
    const child = Bun.spawn(command, { cwd: shell.cwd, stdout: "pipe", stderr: "pipe" });
    const [said, complained, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    if (code !== 0) shell.err(said + complained);
    return code === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
