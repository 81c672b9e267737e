import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { LoadRequest } from "../../config/load.ts";
import { embeddedModules } from "../../internal/embedded-modules.ts";
import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { configOptions, overridesOf } from "../config-options.ts";
import { loadOrReport } from "../load-or-report.ts";
import type { Shell } from "../shell.ts";

/** Those of a directory have no meaning here. */
const { spa: _spa, listing: _listing, ...options } = configOptions;

export const runCommand: Command = {
  name: "run",
  summary: "Run an application: a module that exports an App",
  usage: ["FILE [OPTIONS]"],
  details:
    "FILE exports an App as `app` or as default. It is served as a directory is: with TLS, workers, drain, logs and the admin listener. A configuration named by -c adds its [server], [admin] and [log]; its routes are left out.",
  options: {
    ...options,
    config: { short: "c", value: "FILE", help: "Read [server], [admin] and [log] from FILE" },
    watch: { help: "Start again when a file of the application changes" },
  },
  positionals: 1,
  completes: "file",
  examples: [
    ["sluice run app.ts", "serve an application on http://127.0.0.1:8080"],
    ["sluice run app.ts --watch", "and start again whenever it changes"],
    ["sluice run app.ts --tls --workers auto", "over HTTPS, one process for each core"],
  ],
  async run(args, shell) {
    const [name] = args.positionals;
    if (name === undefined) throw new UsageError("name the module to run: sluice run app.ts");
    const module = resolve(shell.cwd, name);
    if (!embeddedModules.has(module) && !isFile(module)) {
      if (existsSync(module)) {
        const help = `name a file that exports an App; "sluice ${name}" serves the directory`;
        throw new UsageError(`${name} is a directory, not a file`, help);
      }
      const help = 'name a file that exports an App, or make a project with "sluice new NAME"';
      throw new UsageError(`there is no file ${name}`, help);
    }
    if (args.options["watch"] === true) {
      const { runAgainOnChange } = await import("../run-again-on-change.ts");
      return runAgainOnChange({ folder: dirname(module), shell });
    }
    const route = { match: { path: "/*" }, action: { type: "app", module } };
    const request: LoadRequest = {
      file: args.options["config"] as string | undefined,
      overrides: [
        { path: ["route"], value: [route], name: "argument" },
        ...overridesOf(args.options),
      ],
      env: shell.env,
      cwd: shell.cwd,
    };
    return serveRequest(request, shell);
  },
};

/** Where an executable has its application. */
export const EMBEDDED_APP = "/$sluice/app";

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

async function serveRequest(request: LoadRequest, shell: Shell): Promise<number> {
  const loaded = loadOrReport(request, shell);
  if (loaded === undefined) return 1;
  const file = request.file === undefined ? undefined : resolve(shell.cwd, request.file);
  const { runServer } = await import("../run-server.ts");
  return runServer({ request, loaded, file, shell, watch: false });
}
