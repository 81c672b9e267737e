import type { Config } from "../config/schema/config.ts";
import type { Loaded, LoadRequest } from "../config/load.ts";
import { loadConfig } from "../config/load.ts";
import { renderDiagnostics } from "../config/render.ts";
import type { Shell } from "./shell.ts";

export interface CheckedConfig extends Loaded {
  readonly config: Config;
}

/** Loads a configuration and writes what is wrong with it to standard error; undefined if there are errors. */
export function loadOrReport(request: LoadRequest, shell: Shell): CheckedConfig | undefined {
  const loaded = loadConfig(request);
  shell.err(renderDiagnostics(loaded.diagnostics, { color: shell.color("err") }));
  const { config } = loaded;
  return config === undefined ? undefined : { ...loaded, config };
}
