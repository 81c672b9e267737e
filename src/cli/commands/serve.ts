import { resolve } from "node:path";
import type { Command } from "../command.ts";
import { configOptions, loadRequest } from "../config-options.ts";
import { loadOrReport } from "../load-or-report.ts";

/** `sluice DIR`, `sluice -c FILE`, `sluice`: what is done when no command is named. */
export const serveCommand: Command = {
  name: "",
  summary: "Serve a directory, or what a configuration says",
  usage: ["[DIR] [OPTIONS]", "-c FILE [OPTIONS]"],
  details:
    "With a directory its files are served. Without one, the configuration is: ./sluice.toml, or the FILE of -c.",
  options: { ...configOptions, watch: { help: "Reload when a file of the configuration changes" } },
  positionals: 1,
  completes: "directory",
  examples: [
    ["sluice ./public", "serve a directory on http://127.0.0.1:8080"],
    ["sluice ./dist --spa --tls", "a single-page application over HTTPS"],
    ["sluice . --listing --host 0.0.0.0", "share a directory with the network"],
    ["sluice -c /etc/sluice.toml", "serve what a configuration says"],
  ],
  async run(args, shell) {
    const request = loadRequest(args, shell);
    const loaded = loadOrReport(request, shell);
    if (loaded === undefined) return 1;
    const file = request.file === undefined ? undefined : resolve(shell.cwd, request.file);
    // The other commands start without loading the server.
    const { runServer } = await import("../run-server.ts");
    const watch = args.options["watch"] === true;
    return runServer({ request, loaded, file, shell, watch });
  },
};
