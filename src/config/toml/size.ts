import type { KeyPart, Pair, Statement, TomlNode } from "./scan.ts";

/** How deep tables and lists may lie in each other. No key of the configuration is half as deep. */
export const MAX_DEPTH = 32;

/** How many values a file may have, lists and their items counted: some ten thousands of routes. */
export const MAX_VALUES = 200_000;

/** Whether a document has more values than {@link MAX_VALUES}. Ask only what is not {@link tooDeep}. */
export function tooMany(statements: readonly Statement[]): boolean {
  let count = 0;
  for (const statement of statements) {
    if (statement.kind === "header") count++;
    else if (statement.kind === "pair") count += valuesIn(statement.pair.value);
    if (count > MAX_VALUES) return true;
  }
  return false;
}

function valuesIn(node: TomlNode): number {
  let count = 1;
  if (node.kind === "scalar") return count;
  for (const inner of node.inner) {
    if (inner.kind === "item")
      count += valuesIn("key" in inner.item ? inner.item.value : inner.item);
  }
  return count;
}

/** Where a document is first deeper than {@link MAX_DEPTH}: in its dotted keys, lists and inline tables together. */
export function tooDeep(
  statements: readonly Statement[],
): { start: number; end: number } | undefined {
  let table = 0;
  for (const statement of statements) {
    if (statement.kind === "header") {
      table = statement.key.length + (statement.array ? 1 : 0);
      if (table > MAX_DEPTH) return spanOf(statement.key);
    } else if (statement.kind === "pair") {
      const found = inPair(statement.pair, table);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function inPair({ key, value }: Pair, around: number) {
  const depth = around + key.length;
  return depth > MAX_DEPTH ? spanOf(key) : inValue(value, depth);
}

function inValue(node: TomlNode, depth: number): { start: number; end: number } | undefined {
  if (node.kind === "scalar") return undefined;
  if (depth >= MAX_DEPTH) return { start: node.start, end: node.start + 1 };
  for (const inner of node.inner) {
    if (inner.kind === "comment") continue;
    const found = "key" in inner.item ? inPair(inner.item, depth) : inValue(inner.item, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function spanOf(key: readonly KeyPart[]): { start: number; end: number } {
  return { start: (key[0] as KeyPart).start, end: (key.at(-1) as KeyPart).end };
}
