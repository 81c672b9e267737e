import type * as z from "zod";
import { coerce } from "./coerce.ts";
import type { ConfigTree } from "./config-tree.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { settablePaths } from "./schema/key-paths.ts";
import { schemaAt } from "./schema/walk.ts";
import { suggest } from "./suggest.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** `["server", "limits", "body_bytes"]` → `SLUICE_SERVER__LIMITS__BODY_BYTES` */
export function variableName(path: readonly string[], prefix = "SLUICE_"): string {
  return `${prefix}${path.join("__").toUpperCase()}`;
}

/**
 * Sets what variables with a prefix, such as `SLUICE_…`, say. Two underscores stand between the parts of a key.
 * @returns errors for variables that look like a key but are none
 */
export function applyEnvironment(
  tree: ConfigTree,
  schema: z.ZodType,
  env: Environment,
  prefix: string,
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const known = new Map(settablePaths(schema).map((path) => [variableName(path, prefix), path]));
  const sections = new Set([...known.values()].map((path) => path[0] as string));
  for (const name of Object.keys(env).toSorted()) {
    const text = env[name];
    if (!name.startsWith(prefix) || text === undefined) continue;
    const path = known.get(name);
    if (path !== undefined) {
      const key = schemaAt(schema, path, {}) as z.ZodType;
      const literal = /^(env|file):/.test(text);
      tree.set(path, literal ? text : coerce(text, key), { kind: "env", name });
    } else if (looksLikeKey(name.slice(prefix.length).toLowerCase(), sections)) {
      diagnostics.push(unknownVariable(name, known.keys(), prefix));
    }
  }
  return diagnostics;
}

/** Other programs may have variables that begin so too; one that names a section is meant for us. */
function looksLikeKey(rest: string, sections: ReadonlySet<string>): boolean {
  const first = rest.split("_")[0] as string;
  return rest.includes("__") || first === "route" || sections.has(first);
}

function unknownVariable(name: string, known: Iterable<string>, prefix: string): Diagnostic {
  const close = suggest(name, known);
  const help =
    close !== undefined
      ? `help: did you mean ${close}?`
      : /^SLUICE_(ROUTE|SERVER__CERTIFICATE)(_|$)/.test(name)
        ? "help: lists of tables can only be set in a file"
        : `help: variables are named ${prefix}SECTION__KEY${prefix === "SLUICE_" ? ", such as SLUICE_SERVER__PORT" : ""}`;
  return { severity: "error", message: "is no setting", help, at: { name } };
}
