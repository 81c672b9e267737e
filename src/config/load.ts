import type { Environment } from "./environment.ts";
import { checkCombinations } from "./check/combinations.ts";
import { checkExposure } from "./check/exposure.ts";
import { checkLayer4 } from "./check/layer4.ts";
import { checkListeners } from "./check/listeners.ts";
import { checkLog } from "./check/log.ts";
import { checkMiddleware } from "./check/middleware.ts";
import { checkReplyRewriting } from "./check/reply-rewriting.ts";
import { checkRoutes } from "./check/routes.ts";
import { checkTls } from "./check/tls.ts";
import { checkTrust } from "./check/trust.ts";
import { checkUpstreams } from "./check/upstreams.ts";
import type { Check } from "./check/check.ts";
import type { ConfigTree } from "./config-tree.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { diagnose, sortDiagnostics } from "./diagnostic.ts";
import { showOrigin } from "./origin.ts";
import type { KeyPath } from "./path-key.ts";
import { showPath } from "./path-key.ts";
import type { Gaps } from "./read-files.ts";
import { displayName } from "./read-files.ts";
import { mayStandIn, readValues } from "./read-values.ts";
import type { Config } from "./schema/config.ts";
import { configSchema } from "./schema/config.ts";

/** A value given on the command line. */
export interface Override {
  readonly path: KeyPath;
  readonly value: unknown;
  /** What to call it, such as `--port`. */
  readonly name: string;
  /** Leave alone what is there already. */
  readonly ifAbsent?: boolean;
}

export interface LoadRequest {
  /** A configuration file; without one only environment, overrides and defaults count. */
  file?: string | undefined;
  /** Where `SLUICE_…` and `env:` values are looked up. Nothing of `process.env` is read. */
  env?: Environment;
  /** Strongest of all. */
  overrides?: readonly Override[];
  /** What relative paths are relative to outside of files. */
  cwd?: string;
  /** Only warn of `env:` and `file:` references that lead nowhere, for what can be told without them. */
  withoutSecrets?: boolean;
}

export interface Loaded {
  /** The checked configuration; undefined if there is any error. */
  readonly config: Config | undefined;
  /** Everything wrong, in the order of the files. Warnings do not prevent a start. */
  readonly diagnostics: readonly Diagnostic[];
  /** Values as they were given, with their origins. */
  readonly tree: ConfigTree;
  /** `env:` and `file:` references by path key. */
  readonly references: ReadonlyMap<string, string>;
  /** The files that were read, absolute: those to watch for changes. */
  readonly files: readonly string[];
}

const CHECKS: readonly Check[] = [
  checkListeners,
  checkLayer4,
  checkTls,
  checkTrust,
  checkLog,
  checkUpstreams,
  checkRoutes,
  checkReplyRewriting,
  checkMiddleware,
  checkCombinations,
  checkExposure,
];

/**
 * Reads and checks a configuration: defaults < file < environment < overrides. Start-up, reload and
 * `sluice check` all run this, so they cannot disagree. Reports every problem at once and never throws for
 * one of the configuration's.
 */
export function loadConfig(request: LoadRequest): Loaded {
  const { cwd = process.cwd() } = request;
  const values = readValues(configSchema, request, "SLUICE_");
  const { tree, given, resolved, repaired, diagnostics, read, files } = values;
  const { config } = repaired;
  if (config !== undefined && !values.unreadable) {
    const { env = {} } = request;
    const found = runChecks(config, tree, repaired, { ...read, files, env }, cwd);
    for (const diagnostic of found) diagnostics.push(diagnostic);
  }
  const sorted = sortDiagnostics(diagnostics);
  const broken = sorted.some((diagnostic) => diagnostic.severity === "error");
  return {
    config: broken ? undefined : config,
    diagnostics: sorted,
    tree: given,
    references: resolved.references,
    files,
  };
}

function runChecks(
  config: Config,
  tree: ConfigTree,
  repaired: { original(path: KeyPath): KeyPath; removed: { touches(path: KeyPath): boolean } },
  read: { files: readonly string[]; gaps: Gaps; env: Environment },
  cwd: string,
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const report =
    (severity: Diagnostic["severity"]) =>
    (path: KeyPath, part: "key" | "value", message: string, help?: string) => {
      const origin = tree.nearest(repaired.original(path));
      const diagnostic = diagnose(severity, origin, part, message, help);
      const [file] = read.files;
      // What is about the whole configuration is said of its file.
      const at =
        diagnostic.at ?? (file === undefined ? undefined : { name: displayName(file, cwd) });
      diagnostics.push({ ...diagnostic, at });
    };
  for (const check of CHECKS) {
    check({
      config,
      files: read.files,
      env: read.env,
      error: report("error"),
      warn: report("warning"),
      isSet: (path) => tree.origin(repaired.original(path)) !== undefined,
      isDamaged: (path) =>
        mayStandIn(read.gaps, tree.nearest(repaired.original(path))) ||
        repaired.removed.touches(repaired.original(path)),
      name: (path) => showPath(repaired.original(path)),
      showOrigin: (path) => showOrigin(tree.nearest(repaired.original(path))),
    });
  }
  return diagnostics;
}
