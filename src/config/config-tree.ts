import type { Diagnostic } from "./diagnostic.ts";
import { diagnose } from "./diagnostic.ts";
import type { Origin } from "./origin.ts";
import { showOrigin } from "./origin.ts";
import type { KeyPath } from "./path-key.ts";
import { pathKey, showPath } from "./path-key.ts";

export type RawTable = Record<string, unknown>;

/** Raw values with the origin of each, before the schema has seen them. */
export class ConfigTree {
  readonly value: RawTable;
  readonly origins: Map<string, Origin>;
  /** Lists that are known to hold only tables, so that each further file need not look through them. */
  readonly #tableLists = new WeakSet<unknown[]>();

  constructor(value: RawTable = {}, origins = new Map<string, Origin>()) {
    this.value = value;
    this.origins = origins;
  }

  origin(path: KeyPath): Origin | undefined {
    return this.origins.get(pathKey(path));
  }

  /** The origin of a path or of the nearest table around it. */
  nearest(path: KeyPath): Origin | undefined {
    for (let length = path.length; length > 0; length--) {
      const origin = this.origin(path.slice(0, length));
      if (origin !== undefined) return origin;
    }
    return undefined;
  }

  get(path: KeyPath): unknown {
    return valueAt(this.value, path);
  }

  /** Sets one value, making tables on the way, whatever was there before. */
  set(path: KeyPath, value: unknown, origin: Origin): void {
    let table = this.value;
    for (const [index, part] of path.slice(0, -1).entries()) {
      const next = table[part];
      if (!isTable(next) && !Array.isArray(next)) {
        table[part] = typeof path[index + 1] === "number" ? [] : {};
        this.origins.set(pathKey(path.slice(0, index + 1)), origin);
      }
      table = table[part] as RawTable;
    }
    table[path.at(-1) as string] = value;
    this.origins.set(pathKey(path), origin);
  }

  /**
   * Takes in another file: tables are joined, lists of tables are continued.
   * @returns errors for values that both have
   */
  merge(other: ConfigTree): Diagnostic[] {
    const diagnostics: Diagnostic[] = [];
    const joinTables = (mine: RawTable, theirs: RawTable, at: KeyPath): void => {
      for (const [key, value] of Object.entries(theirs)) {
        const path = [...at, key];
        const present = Object.hasOwn(mine, key) ? mine[key] : undefined;
        if (present === undefined) {
          // Plain assignment would take "__proto__" for more than a key.
          Object.defineProperty(mine, key, property(value));
          this.#adopt(other, value, path, path);
        } else if (isTable(present) && isTable(value)) {
          joinTables(present, value, path);
        } else if (this.#isTableList(present) && isTableList(value)) {
          for (const [index, item] of value.entries()) {
            this.#adopt(other, item, [...path, index], [...path, present.length]);
            present.push(item);
          }
        } else {
          const before = showOrigin(this.nearest(path));
          diagnostics.push(
            diagnose(
              "error",
              other.origin(path),
              "key",
              `${showPath(path)} is already set in ${before}`,
            ),
          );
        }
      }
    };
    joinTables(this.value, other.value, []);
    return diagnostics;
  }

  #isTableList(value: unknown): value is RawTable[] {
    if (!Array.isArray(value)) return false;
    if (this.#tableLists.has(value)) return true;
    const only = isTableList(value);
    if (only) this.#tableLists.add(value);
    return only;
  }

  #adopt(other: ConfigTree, value: unknown, from: KeyPath, to: KeyPath): void {
    const origin = other.origin(from);
    if (origin !== undefined) this.origins.set(pathKey(to), origin);
    if (typeof value !== "object" || value === null) return;
    const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
    for (const key of keys) {
      this.#adopt(other, (value as RawTable)[key], [...from, key], [...to, key]);
    }
  }
}

const property = (value: unknown): PropertyDescriptor => ({
  value,
  writable: true,
  enumerable: true,
  configurable: true,
});

export function valueAt(value: unknown, path: KeyPath): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, part)) {
      return undefined;
    }
    current = (current as RawTable)[part];
  }
  return current;
}

export function isTable(value: unknown): value is RawTable {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

function isTableList(value: unknown): value is RawTable[] {
  return Array.isArray(value) && value.every(isTable);
}
