import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import type { OpenApiOptions } from "../../openapi/openapi.ts";
import { appArgument } from "../app-argument.ts";
import type { Arguments, Command } from "../command.ts";
import { styles } from "../shell.ts";

export const openapiCommand: Command = {
  name: "openapi",
  summary: "Write the OpenAPI document of an application",
  usage: ["FILE [-o OUT] [--title TITLE] [--api-version VERSION]"],
  details:
    "FILE exports an App as `app` or as default. What the document says of the API is taken from docs({ … }) if the App uses it; title and version are those of package.json otherwise. Routes that OpenAPI has no place for are told on the error output.",
  options: {
    output: { short: "o", value: "OUT", help: "Write OUT; left out: the standard output" },
    title: { value: "TITLE", help: "The name of the API" },
    "api-version": { value: "VERSION", help: "The version of the API" },
  },
  positionals: 1,
  completes: "file",
  examples: [["sluice openapi app.ts -o openapi.json", "for a client generator, or to review it"]],
  async run(args, shell) {
    const { app, file } = await appArgument(args, shell, "sluice openapi app.ts -o openapi.json");
    const { documentOptions } = await import("../../openapi/docs/document-options.ts");
    const { describeRoutes } = await import("../../openapi/openapi.ts");
    const options = { ...ofPackage(file), ...documentOptions(app), ...ofArguments(args) };
    const { document, omissions } = describeRoutes(app.routes(), options);
    const { red, green } = styles(shell.color("err"));
    for (const { route, method, why } of omissions) {
      const place = route.place === undefined ? "" : ` (${route.place})`;
      shell.err(`${red("left out:")} ${method} ${route.path}${place}: ${why}\n`);
    }
    const text = `${JSON.stringify(document, undefined, 2)}\n`;
    const { output } = args.options;
    if (typeof output !== "string") {
      shell.out(text);
      return 0;
    }
    writeFileSync(resolve(shell.cwd, output), text);
    const count = Object.values(document.paths).flatMap(Object.keys).length;
    const operations = count === 1 ? "1 operation" : `${count} operations`;
    shell.err(`${green("wrote")} ${output} (${operations})\n`);
    return 0;
  },
};

function ofArguments({ options }: Arguments): Partial<OpenApiOptions> {
  const { title, "api-version": version } = options;
  return {
    ...(typeof title === "string" && { title }),
    ...(typeof version === "string" && { version }),
  };
}

/** Name and version of the package that a file belongs to, or the name of the file. */
function ofPackage(file: string): OpenApiOptions {
  const found = { title: basename(file, extname(file)), version: "0.0.0" };
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const { name, version } = readPackage(join(folder, "package.json")) ?? {};
    if (typeof name === "string") {
      return { title: name, version: typeof version === "string" ? version : found.version };
    }
    if (folder === dirname(folder)) return found;
  }
}

function readPackage(path: string): { name?: unknown; version?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { name?: unknown; version?: unknown };
  } catch {
    // None here, or none that can be read: the title can be given.
    return undefined;
  }
}
