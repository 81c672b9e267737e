import type { Origin } from "../origin.ts";
import type { KeyPath } from "../path-key.ts";
import { pathKey } from "../path-key.ts";
import type { SourceFile } from "../source-file.ts";
import type { KeyPart, Pair, Statement, TomlNode } from "./scan.ts";

/** The origin of every key path of a file, tables and array elements included. */
export function placesOf(file: SourceFile, statements: readonly Statement[]): Map<string, Origin> {
  const places = new Map<string, Origin>();
  const counts = new Map<string, number>();
  const span = (from: { start: number; end: number }) => ({
    file,
    start: from.start,
    end: from.end,
  });
  const set = (path: KeyPath, key: { start: number; end: number }, value = key) => {
    const id = pathKey(path);
    if (!places.has(id)) places.set(id, { kind: "file", key: span(key), value: span(value) });
  };

  /** The element of an array of tables that a name in a header means is its last one. */
  const enter = (path: (string | number)[], part: KeyPart): void => {
    path.push(part.name);
    const count = counts.get(pathKey(path));
    if (count !== undefined) path.push(count - 1);
  };

  const visitValue = (path: KeyPath, node: TomlNode): void => {
    if (node.kind === "array") {
      let index = 0;
      for (const inner of node.inner) {
        if (inner.kind !== "item") continue;
        const at = [...path, index++];
        set(at, inner.item);
        visitValue(at, inner.item);
      }
    } else if (node.kind === "table") {
      for (const inner of node.inner) if (inner.kind === "item") visitPair(path, inner.item);
    }
  };

  const visitPair = (base: KeyPath, pair: Pair): void => {
    const path = [...base];
    for (const [index, part] of pair.key.entries()) {
      path.push(part.name);
      if (index < pair.key.length - 1) set(path, part);
      else set(path, part, pair.value);
    }
    visitValue(path, pair.value);
  };

  let table: KeyPath = [];
  for (const statement of statements) {
    if (statement.kind === "pair") visitPair(table, statement.pair);
    if (statement.kind !== "header") continue;
    const path: (string | number)[] = [];
    for (const [index, part] of statement.key.entries()) {
      if (index < statement.key.length - 1) {
        enter(path, part);
        set(path, part, statement);
        continue;
      }
      path.push(part.name);
      set(path, part, statement);
      if (!statement.array) continue;
      const count = counts.get(pathKey(path)) ?? 0;
      counts.set(pathKey(path), count + 1);
      path.push(count);
      set(path, part, statement);
    }
    table = path;
  }
  return places;
}
