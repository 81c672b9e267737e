import { isTable } from "./config-tree.ts";
import type { Loaded } from "./load.ts";
import { showOrigin } from "./origin.ts";
import type { KeyPath } from "./path-key.ts";
import { pathKey } from "./path-key.ts";
import type { Config } from "./schema/config.ts";
import { tomlKey, tomlValue } from "./write-toml.ts";

/**
 * A checked configuration in full as TOML, every default included and the origin of each value behind it.
 * What it prints is a configuration that means the same. Secrets stay references.
 */
export function printConfig(config: Config, loaded: Pick<Loaded, "tree" | "references">): string {
  const blocks: string[] = [];

  const originOf = (path: KeyPath): string =>
    loaded.tree.get(path) === undefined ? "default" : showOrigin(loaded.tree.nearest(path));

  const print = (table: object, path: KeyPath, header: string): void => {
    const lines: [string, string][] = [];
    const inner: [object, KeyPath, string][] = [];
    for (const [key, value] of Object.entries(table)) {
      const at = [...path, key];
      const name = [...path.filter((part) => typeof part === "string"), key].map(tomlKey).join(".");
      // What is empty is so by default, or says so.
      if (value === undefined || (isEmpty(value) && loaded.tree.get(at) === undefined)) continue;
      // Included files are part of what is printed.
      if (at.length === 1 && key === "include") continue;
      if (isTable(value)) {
        inner.push([value, at, `[${name}]`]);
      } else if (Array.isArray(value) && value.every(isTable)) {
        for (const [index, item] of value.entries())
          inner.push([item, [...at, index], `[[${name}]]`]);
      } else {
        lines.push([`${tomlKey(key)} = ${tomlValue(withReferences(value, at))}`, originOf(at)]);
      }
    }
    if (lines.length > 0 || header !== "") {
      blocks.push([header, ...align(lines)].filter((line) => line !== "").join("\n"));
    }
    for (const [value, at, title] of inner) print(value, at, title);
  };

  /** Values that came from a reference are shown as that reference, in lists too. */
  const withReferences = (value: unknown, path: KeyPath): unknown => {
    const reference = loaded.references.get(pathKey(path));
    if (reference !== undefined) return reference;
    if (!Array.isArray(value)) return value;
    return value.map((item, index) => withReferences(item, [...path, index]));
  };

  print(config, [], "");
  return `${blocks.join("\n\n")}\n`;
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isTable(value) && Object.keys(value).length === 0;
}

function align(lines: readonly [string, string][]): string[] {
  const width = Math.min(
    48,
    lines.reduce((most, [text]) => Math.max(most, text.length), 0),
  );
  return lines.map(([text, origin]) => `${text.padEnd(width)} # ${origin}`);
}
