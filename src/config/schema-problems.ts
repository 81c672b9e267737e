import * as z from "zod";
import type { ConfigTree } from "./config-tree.ts";
import { valueAt } from "./config-tree.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { diagnose } from "./diagnostic.ts";
import { variableName } from "./environment.ts";
import { foreignWord } from "./foreign-words.ts";
import type { KeyPath } from "./path-key.ts";
import { showPath } from "./path-key.ts";
import { choicesOf, expectedOf } from "./schema/expected.ts";
import { keyPaths } from "./schema/key-paths.ts";
import {
  discriminator,
  isRemovable,
  membersOf,
  notesFor,
  schemaAt,
  unionMember,
  unwrap,
} from "./schema/walk.ts";
import { suggest } from "./suggest.ts";

type Issue = z.core.$ZodIssue;

/** What {@link schemaProblems} needs to know of the values. */
export interface Checked {
  readonly schema: z.ZodType;
  readonly tree: ConfigTree;
  /** Of environment variables. */
  readonly prefix: string;
  /** Whether the value at a path is a secret, which must not be shown. */
  secret(path: KeyPath): boolean;
}

/** The schema's issue as diagnostics in words of the configuration. */
export function schemaProblems(issue: Issue, path: KeyPath, checked: Checked): Diagnostic[] {
  if (issue.code === "unrecognized_keys") {
    return unknownKeys(issue.keys, path, checked);
  }
  const { schema: root, tree } = checked;
  const value = tree.get(path);
  if (issue.code === "invalid_union") {
    if (issue.discriminator !== undefined)
      return [badDiscriminator(issue.discriminator, path, checked)];
    const inner = branchIssues(issue, path, checked);
    if (inner !== undefined) return inner;
  }
  const name = showPath(path);
  if (value === undefined) return [missing(path, checked)];
  if (issue.code === "custom") {
    const params = (issue as { params?: { part?: "key"; help?: string } }).params;
    const part = params?.part ?? "value";
    return [diagnose("error", tree.nearest(path), part, `${name} ${issue.message}`, params?.help)];
  }
  if (issue.code === "invalid_format") {
    return [diagnose("error", tree.nearest(path), "value", `${name} ${issue.message}`)];
  }
  const schema = schemaAt(root, path, tree.value);
  const expected = schema === undefined ? "another value" : expectedOf(schema);
  const isSecret = value !== "" && checked.secret(path);
  const shown = isSecret ? "what it was given" : showValue(value);
  return [
    diagnose(
      "error",
      tree.nearest(path),
      "value",
      `${name} must be ${expected}, not ${shown}`,
      schema && valueHelp(schema, path, isSecret ? hidden(value) : value),
    ),
  ];
}

/** The issues of the one member of a plain union that the value is meant to be. */
function branchIssues(
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: KeyPath,
  checked: Checked,
): Diagnostic[] | undefined {
  const union = schemaAt(checked.schema, path, checked.tree.value);
  if (union === undefined) return undefined;
  if (isRemovable(union)) {
    return issue.errors[0]?.flatMap((e) =>
      schemaProblems(e, [...path, ...(e.path as KeyPath)], checked),
    );
  }
  const inner = unwrap(union);
  const member = unionMember(inner, checked.tree.get(path));
  if (!(inner instanceof z.ZodUnion) || member === undefined) return undefined;
  const errors = issue.errors[membersOf(inner).indexOf(member)];
  // At the value itself, only an explanation says more than the whole union's expectation.
  const telling = errors?.filter((e) => e.path.length > 0 || e.code === "custom");
  if (telling === undefined || telling.length === 0) return undefined;
  return telling.flatMap((e) => schemaProblems(e, [...path, ...(e.path as KeyPath)], checked));
}

/** What is known of the table is looked up once for all of its unknown keys, and listed at the first of them. */
function unknownKeys(
  keys: readonly string[],
  path: KeyPath,
  { schema: root, tree }: Checked,
): Diagnostic[] {
  const schema = schemaAt(root, path, tree.value);
  const known = schema === undefined ? [] : knownKeys(schema, valueAt(tree.value, path));
  const where = path.length === 0 ? "" : ` in ${showPath(path)}`;
  let list = known.length === 0 ? undefined : `help: the keys here are ${known.join(", ")}`;
  return keys.map((key) => {
    let help = betterKey(key, path, known) ?? otherType(key, schema);
    help ??= elsewhere(key, path, root);
    if (help === undefined) {
      help = list;
      list = undefined;
    }
    const message = `unknown key ${shorten(key)}${where}`;
    return diagnose("error", tree.nearest([...path, key]), "key", message, help);
  });
}

function betterKey(key: string, path: KeyPath, known: readonly string[]): string | undefined {
  const foreign = foreignWord(key, path);
  if (foreign !== undefined) return `help: ${foreign}`;
  const close = suggest(key, known);
  if (close !== undefined) return `help: did you mean ${JSON.stringify(close)}?`;
  return undefined;
}

/** The kind of table that has the key, where a `type` tells tables apart. */
function otherType(key: string, schema: z.ZodType | undefined): string | undefined {
  const union = schema && unwrap(schema);
  if (!(union instanceof z.ZodDiscriminatedUnion)) return undefined;
  const by = union.def.discriminator;
  const types = membersOf(union)
    .filter((member) => Object.hasOwn((unwrap(member) as z.ZodObject).shape, key))
    .map((member) => `${by} = ${JSON.stringify(discriminator(member, by))}`);
  return types.length === 0 ? undefined : `help: it belongs to ${types.join(" or ")}`;
}

/** Where else there is such a key. */
function elsewhere(key: string, path: KeyPath, root: z.ZodType): string | undefined {
  const table = path.filter((part) => typeof part === "string");
  const isHere = (one: readonly string[]): boolean =>
    one.length === table.length + 1 && table.every((part, i) => part === one[i]);
  const others = pathsByKey(root).get(key) ?? [];
  const found = nearest(
    table,
    others.filter((one) => !isHere(one)),
  );
  return found && `help: there is such a key at ${showPath(found)}`;
}

/** Of some paths the one that has most in common with a table's, and of those the shortest. */
function nearest(table: readonly string[], paths: readonly string[][]): string[] | undefined {
  const shared = (path: readonly string[]): number => {
    const at = path.findIndex((part, i) => part !== table[i]);
    return at < 0 ? path.length : at;
  };
  return paths.toSorted((a, b) => shared(b) - shared(a) || a.length - b.length)[0];
}

const pathsOf = new WeakMap<z.ZodType, Map<string, string[][]>>();

/** The paths of a schema's keys by their last part. */
function pathsByKey(root: z.ZodType): Map<string, string[][]> {
  let paths = pathsOf.get(root);
  if (paths === undefined) {
    paths = Map.groupBy(keyPaths(root), (path) => path.at(-1) as string);
    pathsOf.set(root, paths);
  }
  return paths;
}

function knownKeys(schema: z.ZodType, value: unknown): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape);
  const member = unionMember(inner, value);
  return member === undefined ? [] : knownKeys(member, value);
}

/** `action` without a type, or with one that does not exist. Zod points at the discriminator itself. */
function badDiscriminator(key: string, path: KeyPath, { schema: root, tree }: Checked): Diagnostic {
  const table = path.slice(0, -1);
  const union = schemaAt(root, table, tree.value);
  const inner = union && unwrap(union);
  const types =
    inner instanceof z.ZodDiscriminatedUnion
      ? membersOf(inner).map((member) => String(discriminator(member, key)))
      : [];
  const list = types.map((type) => JSON.stringify(type)).join(", ");
  const value = tree.get(path);
  if (value === undefined) {
    const message = `${showPath(table)} needs a ${JSON.stringify(key)}: one of ${list}`;
    return diagnose("error", tree.nearest(table), "key", message);
  }
  const close = typeof value === "string" ? suggest(value, types) : undefined;
  return diagnose(
    "error",
    tree.nearest(path),
    "value",
    `${showPath(path)} must be one of ${list}, not ${showValue(value)}`,
    close === undefined ? undefined : `help: did you mean ${JSON.stringify(close)}?`,
  );
}

function missing(path: KeyPath, { schema: root, tree, prefix }: Checked): Diagnostic {
  const schema = schemaAt(root, path, tree.value);
  const notes = schema && notesFor(schema);
  const table = showPath(path.slice(0, -1));
  const what = schema === undefined ? "" : `: ${expectedOf(schema)}`;
  const example = notes?.example;
  const key = JSON.stringify(path.at(-1));
  const origin = tree.nearest(path);
  let help = example === undefined ? undefined : `help: for example ${path.at(-1)} = ${example}`;
  // Where there is no file to point into, the environment is the place.
  const text = path.filter((part) => typeof part === "string");
  const holdsKeys = schema !== undefined && unwrap(schema) instanceof z.ZodObject;
  if (origin === undefined && !holdsKeys && text.length === path.length) {
    help ??= `help: set ${variableName(text, prefix)}`;
  }
  const message = table === "" ? `${key} is missing${what}` : `${table} needs ${key}${what}`;
  return diagnose("error", origin, "key", message, help);
}

function valueHelp(schema: z.ZodType, path: KeyPath, value: unknown): string | undefined {
  const inner = unwrap(schema);
  const key = path.at(-1);
  if (typeof value === "string") {
    const close = suggest(value, choicesOf(schema));
    if (close !== undefined && close !== value)
      return `help: did you mean ${JSON.stringify(close)}?`;
    const bare = value.trim();
    const takesNumber =
      inner instanceof z.ZodNumber || inner instanceof z.ZodLiteral || inner instanceof z.ZodUnion;
    if (takesNumber && /^-?\d+$/.test(bare)) return `help: write ${bare} without quotes`;
    if (inner instanceof z.ZodBoolean && /^(true|false)$/.test(bare)) {
      return `help: write ${bare} without quotes`;
    }
    const isList = inner instanceof z.ZodArray && !holdsTables(inner);
    if (isList) return `help: write [${JSON.stringify(value)}]`;
  }
  if (typeof value === "number" && choicesOf(schema).includes(String(value))) {
    return `help: write it in quotes: "${value}"`;
  }
  if (inner instanceof z.ZodObject && typeof value === "boolean" && "enabled" in inner.shape) {
    return `help: write ${key} = { enabled = ${value} }`;
  }
  const isScalar = typeof value === "number" || typeof value === "boolean";
  if (inner instanceof z.ZodString && isScalar && inner.safeParse(String(value)).success) {
    return `help: write it in quotes: "${value}"`;
  }
  if (inner instanceof z.ZodArray && holdsTables(inner) && !Array.isArray(value)) {
    return `help: write [[${path.filter((part) => typeof part === "string").join(".")}]]`;
  }
  if (inner instanceof z.ZodObject && Array.isArray(value)) return `help: write [${String(key)}]`;
  return typeof key === "string" ? tableHelp(schema, key, value) : undefined;
}

/** How a table is written where something else was given: as the example, or empty where that is enough. */
function tableHelp(schema: z.ZodType, key: string, value: unknown): string | undefined {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject) && !(inner instanceof z.ZodRecord)) return undefined;
  if (value === true && inner.safeParse({}).success) return `help: write ${key} = {}`;
  const example = notesFor(schema)?.example ?? exampleOf(inner);
  return example === undefined ? undefined : `help: for example ${key} = ${example}`;
}

/** The keys that a table needs, each as its own example. */
function exampleOf(table: z.ZodType): string | undefined {
  if (!(table instanceof z.ZodObject)) return undefined;
  const needed = Object.entries(table.shape as Record<string, z.ZodType>).filter(
    ([, schema]) => !schema.safeParse(undefined).success,
  );
  const parts = needed.map(([key, schema]) => `${key} = ${notesFor(schema)?.example}`);
  const isWhole = needed.every(([, schema]) => notesFor(schema)?.example !== undefined);
  return parts.length > 0 && isWhole ? `{ ${parts.join(", ")} }` : undefined;
}

function holdsTables({ element }: z.ZodArray): boolean {
  return unwrap(element as z.ZodType) instanceof z.ZodObject;
}

export function showValue(value: unknown): string {
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "a table";
  if (typeof value !== "string") return String(value);
  return shorten(value);
}

/** Of a secret only what kind of value it is. */
function hidden(value: unknown): unknown {
  return typeof value === "string" ? "…" : undefined;
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}
