import type * as z from "zod";
import { valueAt } from "./config-tree.ts";
import type { KeyPath } from "./path-key.ts";
import { partKey, pathKey } from "./path-key.ts";
import { PathSet } from "./path-set.ts";

const HOLE = Symbol("removed");
const MOST_ROUNDS = 100;

export interface Repaired<T> {
  /** What the schema made of the values it accepts; undefined if nothing could be saved. */
  readonly config: T | undefined;
  /** Every issue, with its path in the raw value. */
  readonly issues: readonly { issue: z.core.$ZodIssue; path: KeyPath }[];
  /** A path of `config` as a path of the raw value: items of lists may have been left out before it. */
  original(path: KeyPath): KeyPath;
  /** Raw paths that were left out. */
  readonly removed: Pick<PathSet, "touches">;
}

/**
 * Checks a raw value and, where it is wrong, goes on without the wrong parts, so that what is right can be
 * checked further and one run reports everything.
 * @param bad paths that are known to be wrong already
 */
export function parseAndRepair<T>(
  schema: z.ZodType<T>,
  raw: unknown,
  bad: readonly KeyPath[] = [],
): Repaired<T> {
  // Copied before the first part is left out of it.
  let work = raw;
  const issues: { issue: z.core.$ZodIssue; path: KeyPath }[] = [];
  const removed = new PathSet();
  const seen = new Set<string>();
  // What went earlier in the same round need not go again; in a later one, what lacks it has to.
  let inRound = new PathSet();
  const leaveOut = (path: KeyPath) => {
    if (inRound.covers(path)) return;
    if (work === raw) work = structuredClone(raw);
    const gone = remove(work, path);
    if (gone !== undefined) inRound.add(gone);
    return gone;
  };
  const note = (gone: KeyPath | undefined) => {
    if (gone !== undefined) removed.add(gone);
  };
  for (const path of bad) note(leaveOut(path));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const kept = new Map<string, number[]>();
    const result = schema.safeParse(compact(work, "", kept));
    inRound = new PathSet();
    const goneNow: (KeyPath | undefined)[] = [];
    // Before anything is left out, all is where it was.
    const original = work === raw ? same : (path: KeyPath) => translate(path, kept);
    if (result.success) return { config: result.data, issues, original, removed };
    for (const issue of result.error.issues) {
      const path = original(issue.path as KeyPath);
      // The lack of a thing that was left out is no news.
      const known = issue.code !== "unrecognized_keys" && removed.touches(path);
      const id = pathKey(path) + issue.code;
      if (!known && !seen.has(id)) issues.push({ issue, path });
      seen.add(id);
      const targets =
        issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
      for (const target of targets) goneNow.push(leaveOut(target));
    }
    for (const gone of goneNow) note(gone);
  }
  return { config: undefined, issues, original: same, removed };
}

function same(path: KeyPath): KeyPath {
  return path;
}

/** Removes a value, or the nearest table around one that is missing. @returns what was removed */
function remove(work: unknown, path: KeyPath): KeyPath | undefined {
  for (let length = path.length; length > 0; length--) {
    const target = path.slice(0, length);
    const value = valueAt(work, target);
    if (value === undefined || value === HOLE) continue;
    const parent = valueAt(work, target.slice(0, -1));
    const key = target.at(-1) as string | number;
    if (Array.isArray(parent)) parent[key as number] = HOLE;
    else delete (parent as Record<string, unknown>)[key];
    return target;
  }
  return undefined;
}

/** A copy without holes. `kept` maps the key of a list's compact path to the original indexes of its items. */
function compact(value: unknown, id: string, kept: Map<string, number[]>): unknown {
  if (Array.isArray(value)) {
    const indexes: number[] = [];
    const items: unknown[] = [];
    for (const [index, item] of value.entries()) {
      if (item === HOLE) continue;
      items.push(compact(item, id + partKey(items.length), kept));
      indexes.push(index);
    }
    kept.set(id, indexes);
    return items;
  }
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  // Without a prototype, "__proto__" is a key like any other.
  const table = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value)) {
    table[key] = compact((value as Record<string, unknown>)[key], id + partKey(key), kept);
  }
  return table;
}

function translate(path: KeyPath, kept: ReadonlyMap<string, number[]>): KeyPath {
  return path.map((part, index) =>
    typeof part === "number" ? (kept.get(pathKey(path.slice(0, index)))?.[part] ?? part) : part,
  );
}
