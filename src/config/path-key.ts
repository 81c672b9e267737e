/** Where a value stands in a configuration: `["route", 0, "match", "path"]`. */
export type KeyPath = readonly (string | number)[];

/** A key for maps: two paths are equal exactly when their keys are. */
export function pathKey(path: KeyPath): string {
  let key = "";
  for (let i = 0; i < path.length; i++) key += partKey(path[i] as string | number);
  return key;
}

/** What a part adds to the key of the path before it. */
export function partKey(part: string | number): string {
  // With its length in front no text can pass for two.
  return typeof part === "number" ? `#${part};` : `${part.length}:${part}`;
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
