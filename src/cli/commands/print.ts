import { printConfig } from "../../config/print.ts";
import type { Command } from "../command.ts";
import { configOptions, loadRequest } from "../config-options.ts";
import { loadOrReport } from "../load-or-report.ts";

export const printCommand: Command = {
  name: "print",
  summary: "Print the whole configuration, with the origin of each value",
  usage: ["[DIR] [OPTIONS]", "-c FILE [OPTIONS]"],
  details:
    "Takes what sluice itself takes and prints the configuration it would run: defaults, file, environment and options together. What it prints is a configuration file. Secrets stay references.",
  options: configOptions,
  positionals: 1,
  completes: "directory",
  examples: [["sluice print ./public > sluice.toml", "grow from a directory to a configuration"]],
  run(args, shell) {
    const loaded = loadOrReport(loadRequest(args, shell), shell);
    if (loaded === undefined) return 1;
    shell.out(printConfig(loaded.config, loaded));
    return 0;
  },
};
