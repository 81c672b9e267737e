import { applyEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { checkExposure } from "./check/exposure.ts";
import { checkListeners } from "./check/listeners.ts";
import { checkLog } from "./check/log.ts";
import { checkRoutes } from "./check/routes.ts";
import { checkTls } from "./check/tls.ts";
import type { Check } from "./check/check.ts";
import { ConfigTree } from "./config-tree.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { diagnose, sortDiagnostics } from "./diagnostic.ts";
import type { Origin } from "./origin.ts";
import { showOrigin } from "./origin.ts";
import type { KeyPath } from "./path-key.ts";
import { pathKey, showPath } from "./path-key.ts";
import type { Gaps } from "./read-files.ts";
import { displayName, readFiles } from "./read-files.ts";
import { parseAndRepair } from "./repair.ts";
import { schemaProblems } from "./schema-problems.ts";
import type { Config } from "./schema/config.ts";
import { configSchema } from "./schema/config.ts";
import { resolveValues } from "./values.ts";

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

const CHECKS: readonly Check[] = [checkListeners, checkTls, checkLog, checkRoutes, checkExposure];

/**
 * Reads and checks a configuration: defaults < file < environment < overrides. Start-up, reload and
 * `sluice check` all run this, so they cannot disagree. Reports every problem at once and never throws for
 * one of the configuration's.
 */
export function loadConfig(request: LoadRequest): Loaded {
  const { env = {}, overrides = [], cwd = process.cwd() } = request;
  const read =
    request.file === undefined
      ? { tree: new ConfigTree(), diagnostics: [], files: [], gaps: new Map() }
      : readFiles(request.file, cwd);
  const { tree } = read;
  const diagnostics: Diagnostic[] = [
    ...read.diagnostics,
    ...applyEnvironment(tree, configSchema, env),
  ];
  for (const { path, value, name, ifAbsent } of overrides) {
    if (ifAbsent && tree.get(path) !== undefined) continue;
    tree.set(path, structuredClone(value), { kind: "flag", name });
  }
  const given = new ConfigTree(structuredClone(tree.value), tree.origins);
  const resolved = resolveValues(tree, configSchema, env, cwd);
  for (const diagnostic of resolved.diagnostics) diagnostics.push(diagnostic);
  const files = [...read.files, ...resolved.files];
  const unreadable = read.files.length === 0 && read.diagnostics.length > 0;

  const secret = (path: KeyPath) => resolved.references.has(pathKey(path));
  const repaired = parseAndRepair(configSchema, tree.value, resolved.failed);
  for (const { issue, path } of repaired.issues) {
    // What seems to be missing may stand in the part that could not be read.
    if (issue.code !== "unrecognized_keys" && tree.get(path) === undefined) {
      if (mayStandIn(read.gaps, tree.nearest(path))) continue;
    }
    const checked = { schema: configSchema, tree, secret };
    for (const found of schemaProblems(issue, path, checked)) diagnostics.push(found);
  }
  const { config } = repaired;
  if (config !== undefined && !unreadable) {
    const found = runChecks(config, tree, repaired, { ...read, files }, cwd);
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

function mayStandIn(gaps: Gaps, table: Origin | undefined): boolean {
  if (table === undefined) return gaps.size > 0;
  if (table.kind !== "file") return false;
  const { file, start } = table.key;
  return gaps.get(file)?.some((gap) => start >= gap.start && start <= gap.end) ?? false;
}

function runChecks(
  config: Config,
  tree: ConfigTree,
  repaired: { original(path: KeyPath): KeyPath; removed: { touches(path: KeyPath): boolean } },
  read: { files: readonly string[]; gaps: Gaps },
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
      error: report("error"),
      warn: report("warning"),
      isSet: (path) => tree.origin(repaired.original(path)) !== undefined,
      isDamaged: (path) =>
        mayStandIn(read.gaps, tree.nearest(repaired.original(path))) ||
        repaired.removed.touches(path),
      name: (path) => showPath(repaired.original(path)),
      showOrigin: (path) => showOrigin(tree.nearest(repaired.original(path))),
    });
  }
  return diagnostics;
}
