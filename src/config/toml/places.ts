import type { Origin } from "../origin.ts";
import { partKey } from "../path-key.ts";
import type { SourceFile } from "../source-file.ts";
import type { Pair, Statement, TomlNode } from "./scan.ts";

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The origin of every key path of a file, tables and array elements included. Paths are only ever had as their keys
 * (see {@link partKey}), which grow by a part at a time.
 */
export function placesOf(file: SourceFile, statements: readonly Statement[]): Map<string, Origin> {
  const places = new Map<string, Origin>();
  const counts = new Map<string, number>();
  const set = (id: string, key: Range, value = key): void => {
    if (places.has(id)) return;
    const at = { file, start: key.start, end: key.end };
    const of = value === key ? at : { file, start: value.start, end: value.end };
    places.set(id, { kind: "file", key: at, value: of });
  };

  /** The element of an array of tables that a name in a header means is its last one. */
  const enter = (id: string): string => {
    const count = counts.get(id);
    return count === undefined ? id : id + partKey(count - 1);
  };

  const visitValue = (id: string, node: TomlNode): void => {
    if (node.kind === "array") {
      let index = 0;
      for (const inner of node.inner) {
        if (inner.kind !== "item") continue;
        const at = id + partKey(index++);
        set(at, inner.item);
        visitValue(at, inner.item);
      }
    } else if (node.kind === "table") {
      for (const inner of node.inner) if (inner.kind === "item") visitPair(id, inner.item);
    }
  };

  const visitPair = (base: string, { key, value }: Pair): void => {
    let id = base;
    for (let i = 0; i < key.length; i++) {
      const part = key[i] as (typeof key)[number];
      id += partKey(part.name);
      if (i < key.length - 1) set(id, part);
      else set(id, part, value);
    }
    visitValue(id, value);
  };

  let table = "";
  for (const statement of statements) {
    if (statement.kind === "pair") visitPair(table, statement.pair);
    if (statement.kind !== "header") continue;
    let id = "";
    for (const [index, part] of statement.key.entries()) {
      id += partKey(part.name);
      if (index < statement.key.length - 1) {
        id = enter(id);
        set(id, part, statement);
        continue;
      }
      set(id, part, statement);
      if (!statement.array) continue;
      const count = counts.get(id) ?? 0;
      counts.set(id, count + 1);
      id += partKey(count);
      set(id, part, statement);
    }
    table = id;
  }
  return places;
}
