import type { Command } from "../command.ts";

/** Every command with a name, in the order of the help. Each is loaded when it is asked for: most processes serve. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  new: async () => (await import("./new.ts")).newCommand,
  run: async () => (await import("./run.ts")).runCommand,
  build: async () => (await import("./build.ts")).buildCommand,
  routes: async () => (await import("./routes.ts")).routesCommand,
  openapi: async () => (await import("./openapi.ts")).openapiCommand,
  init: async () => (await import("./init.ts")).initCommand,
  check: async () => (await import("./check.ts")).checkCommand,
  status: async () => (await import("./status.ts")).statusCommand,
  ctl: async () => (await import("./ctl.ts")).ctlCommand,
  print: async () => (await import("./print.ts")).printCommand,
  fmt: async () => (await import("./fmt.ts")).fmtCommand,
  schema: async () => (await import("./schema.ts")).schemaCommand,
  cert: async () => (await import("./cert.ts")).certCommand,
  wasm: async () => (await import("./wasm.ts")).wasmCommand,
  completion: async () => (await import("./completion.ts")).completionCommand(allCommands),
};

/** @returns undefined when no command has that name */
export async function commandNamed(name: string | undefined): Promise<Command | undefined> {
  return name !== undefined && Object.hasOwn(loaders, name) ? loaders[name]?.() : undefined;
}

export function allCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(loaders).map((load) => load()));
}
