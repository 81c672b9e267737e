import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { RouteInfo } from "../../core/route.ts";
import { appArgument } from "../app-argument.ts";
import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { configOptions, DEFAULT_FILE } from "../config-options.ts";
import { configRoutes } from "../config-routes.ts";
import type { Shell } from "../shell.ts";
import { styles } from "../shell.ts";

export const routesCommand: Command = {
  name: "routes",
  summary: "List the routes of an application or a configuration, and say which one answers",
  usage: ["FILE [--json]", "[-c CONFIG] [--json]", '[-c CONFIG] --explain "GET URL" [OPTIONS]'],
  details:
    "FILE exports an App as `app` or as default. Routes are listed as they were declared, those of mounted Apps included: method, path, name, middleware from the outside in, and where they are declared. Those of a configuration, ./sluice.toml where no FILE is named, are listed in the order in which they are asked.",
  options: {
    json: { help: "Write JSON: an object for each route" },
    config: configOptions.config,
    explain: {
      value: "REQUEST",
      help: 'Say which route answers a request such as "GET https://host/path", and why the earlier ones do not',
    },
    header: {
      short: "H",
      value: "FIELD",
      many: true,
      help: 'With --explain: a field such as "X-A: 1"',
    },
    client: {
      value: "IP",
      help: "With --explain: the address of the client; 127.0.0.1 if left out",
    },
  },
  positionals: 1,
  completes: "file",
  examples: [
    ["sluice routes app.ts", "what answers which address"],
    ["sluice routes app.ts --json | jq -r '.[].path'", "for programs"],
    ['sluice routes --explain "GET https://example.com/a"', "which route of ./sluice.toml answers"],
  ],
  async run(args, shell) {
    const [file] = args.positionals;
    const { config = file?.endsWith(".toml") ? file : undefined, explain } = args.options;
    const isHere = existsSync(resolve(shell.cwd, DEFAULT_FILE));
    if (config !== undefined || (file === undefined && (isHere || explain !== undefined))) {
      return configRoutes({ ...args.options, ...(config && { config }) }, shell);
    }
    if (file === undefined) {
      const help = "sluice routes app.ts, or sluice routes -c FILE";
      throw new UsageError("name the file of an application, or of a configuration", help);
    }
    const { app } = await appArgument(args, shell, "sluice routes app.ts");
    const routes = app.routes();
    if (args.options["json"] === true) {
      shell.out(`${JSON.stringify(routes.map(toJson), undefined, 2)}\n`);
    } else if (routes.length === 0) shell.out("no routes\n");
    else shell.out(table(routes, shell));
    return 0;
  },
};

function toJson(route: RouteInfo): object {
  const { methods = null, host, path, name, summary, middleware, place } = route;
  const { deprecated, tags, documented } = route.spec;
  return { methods, host, path, name, summary, tags, deprecated, documented, middleware, place };
}

function table(routes: readonly RouteInfo[], shell: Shell): string {
  const { bold, dim } = styles(shell.color("out"));
  const head = ["METHOD", "PATH", "NAME", "MIDDLEWARE", "PLACE"];
  const rows = routes.map(({ methods, host = "", path, name = "", middleware, place = "" }) => [
    methods?.join(",") ?? "any",
    host + path,
    name,
    middleware.join(" → "),
    fromHere(place, shell.cwd),
  ]);
  // A column in which nothing stands says nothing.
  const used = head.map((_, column) => rows.some((row) => row[column] !== ""));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] as string).length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .filter((_, column) => used[column])
      .join("  ")
      .trimEnd();
  const last = head.length - 1;
  const body = rows.map((row) => {
    const text = line(row);
    const place = row[last] as string;
    return place === "" ? text : text.slice(0, -place.length) + dim(place);
  });
  return `${[bold(line(head)), ...body].join("\n")}\n`;
}

/** A place as it is named from the current folder, when it is below. */
function fromHere(place: string, cwd: string): string {
  const path = relative(cwd, place);
  return place === "" || path.startsWith("..") ? place : path;
}
