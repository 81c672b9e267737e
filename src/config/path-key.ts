/** Where a value stands in a configuration: `["route", 0, "match", "path"]`. */
export type KeyPath = readonly (string | number)[];

/** A key for maps: two paths are equal exactly when their keys are. */
export function pathKey(path: KeyPath): string {
  return JSON.stringify(path);
}

/** As people write it: `server.limits.body_bytes`, `route[1].match.path` (counted from 1, as they count tables). */
export function showPath(path: KeyPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part + 1}]`;
    else text += (text === "" ? "" : ".") + (/^[\w-]+$/.test(part) ? part : JSON.stringify(part));
  }
  return text;
}
