import { checkField } from "./header-list.ts";
import { compileGlob } from "./glob.ts";

/** `Cache-Control: value` for the files a glob matches. */
export interface CacheControlRule {
  /** A glob, see {@link compileGlob}: `assets/**`, `*.html`. */
  readonly files: string;
  /** The field's value, such as `public, max-age=31536000, immutable`. */
  readonly value: string;
}

/**
 * Compiles rules; the first that matches decides.
 * @throws TypeError on a bad glob or value
 * @returns the value for a path relative to the root, or undefined
 */
export function compileCacheControl(
  rules: readonly CacheControlRule[],
): (path: string) => string | undefined {
  const compiled = rules.map(({ files, value }) => {
    checkField("Cache-Control", value);
    return { matches: compileGlob(files), value };
  });
  return (path) => compiled.find((rule) => rule.matches(path))?.value;
}
