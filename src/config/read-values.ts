import type * as z from "zod";
import { ConfigTree } from "./config-tree.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { applyEnvironment } from "./environment.ts";
import type { LoadRequest } from "./load.ts";
import type { Origin } from "./origin.ts";
import type { KeyPath } from "./path-key.ts";
import { pathKey } from "./path-key.ts";
import type { FilesRead, Gaps } from "./read-files.ts";
import { readFiles } from "./read-files.ts";
import type { Repaired } from "./repair.ts";
import { parseAndRepair } from "./repair.ts";
import { schemaProblems } from "./schema-problems.ts";
import { secretKeys } from "./schema/secret-keys.ts";
import { isInSecret } from "./schema/walk.ts";
import type { Resolved } from "./values.ts";
import { resolveValues } from "./values.ts";

/** Values of any schema as they were read and checked. */
export interface ReadValues<T> {
  readonly read: FilesRead;
  /** With references and paths resolved. */
  readonly tree: ConfigTree;
  /** As they were given. */
  readonly given: ConfigTree;
  readonly resolved: Resolved;
  readonly repaired: Repaired<T>;
  /** The caller may add to them. */
  readonly diagnostics: Diagnostic[];
  /** Every file that was read, absolute. */
  readonly files: readonly string[];
  /** Not even the first file could be read. */
  readonly unreadable: boolean;
}

/**
 * Reads values and checks them against a schema: defaults < file < environment < overrides. Everything that is
 * wrong is in the diagnostics, and nothing of it is thrown.
 * @param prefix of environment variables, such as `SLUICE_`
 */
export function readValues<T>(
  schema: z.ZodType<T>,
  { file, env = {}, overrides = [], cwd = process.cwd(), withoutSecrets = false }: LoadRequest,
  prefix: string,
): ReadValues<T> {
  const read =
    file === undefined
      ? { tree: new ConfigTree(), diagnostics: [], files: [], gaps: new Map() }
      : readFiles(file, cwd, secretKeys(schema));
  const { tree } = read;
  const diagnostics: Diagnostic[] = [
    ...read.diagnostics,
    ...applyEnvironment(tree, schema, env, prefix),
  ];
  for (const { path, value, name, ifAbsent } of overrides) {
    if (ifAbsent && tree.get(path) !== undefined) continue;
    tree.set(path, structuredClone(value), { kind: "flag", name });
  }
  const given = new ConfigTree(structuredClone(tree.value), tree.origins);
  const resolved = resolveValues(tree, schema, env, cwd, withoutSecrets ? "warning" : "error");
  for (const diagnostic of resolved.diagnostics) diagnostics.push(diagnostic);
  const secret = (path: KeyPath) =>
    resolved.references.has(pathKey(path)) || isInSecret(schema, path, tree.value);
  const repaired = parseAndRepair(schema, tree.value, resolved.failed);
  for (const { issue, path } of repaired.issues) {
    // What seems to be missing may stand in the part that could not be read.
    if (issue.code !== "unrecognized_keys" && tree.get(path) === undefined) {
      if (mayStandIn(read.gaps, tree.nearest(path))) continue;
    }
    for (const found of schemaProblems(issue, path, { schema, tree, secret, prefix })) {
      diagnostics.push(found);
    }
  }
  return {
    read,
    tree,
    given,
    resolved,
    repaired,
    diagnostics,
    files: [...read.files, ...resolved.files],
    unreadable: read.files.length === 0 && read.diagnostics.length > 0,
  };
}

/** Whether a key of a table may stand in a part of its file that could not be read. */
export function mayStandIn(gaps: Gaps, table: Origin | undefined): boolean {
  if (table === undefined) return gaps.size > 0;
  if (table.kind !== "file") return false;
  const { file, start } = table.key;
  return gaps.get(file)?.some((gap) => start >= gap.start && start <= gap.end) ?? false;
}
