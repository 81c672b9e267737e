import { canonicalPath, decodeSegment } from "../../http/path.ts";

/** One way to change an address. */
export type RewriteRule =
  /**
   * A pattern of canonical paths, and what becomes of those: `$1` to `$99` and `$<name>` are its groups,
   * `$$` is a dollar. A query in it (`/item?id=$1`) comes before the one of the request.
   */
  | { readonly match: RegExp; readonly to: string }
  /** Cuts a prefix off: `/api` makes `/api/users` `/users`, and `/api` `/`. */
  | { readonly strip: string }
  /** Puts a prefix before every path that does not have it: `/v1` makes `/users` `/v1/users`. */
  | { readonly add: string };

/** A changed address. */
export interface Rewritten {
  /** Canonical. */
  readonly path: string;
  /** What the rule gives for the query, without its "?", or "". */
  readonly query: string;
}

/** The address that a rule makes of a path; undefined where it says nothing; "unsafe" for one that must not be. */
export type Rewriter = (path: string) => Rewritten | "unsafe" | undefined;

/** @throws TypeError when the rule cannot be right */
export function compileRewrite(rule: RewriteRule): Rewriter {
  if ("strip" in rule) return stripping(prefixOf(rule.strip));
  if ("add" in rule) return adding(prefixOf(rule.add));
  return replacing(rule.match, rule.to);
}

function prefixOf(prefix: string): string {
  const canonical = canonicalPath(prefix);
  if (!canonical.ok || canonical.path === "/") {
    throw new TypeError(`prefix ${JSON.stringify(prefix)}: use a path such as "/api"`);
  }
  return canonical.path.endsWith("/") ? canonical.path.slice(0, -1) : canonical.path;
}

/** `/api` is no prefix of `/apix`. */
function hasPrefix(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === "/");
}

function stripping(prefix: string): Rewriter {
  return (path) =>
    hasPrefix(path, prefix) ? { path: path.slice(prefix.length) || "/", query: "" } : undefined;
}

function adding(prefix: string): Rewriter {
  return (path) => (hasPrefix(path, prefix) ? undefined : { path: prefix + path, query: "" });
}

function replacing(match: RegExp, to: string): Rewriter {
  // Without the flags that make a pattern remember where it was.
  const pattern = new RegExp(match.source, match.flags.replaceAll(/[gy]/g, ""));
  const at = to.indexOf("?");
  const groups = countGroups(pattern);
  const path = compileTemplate(at < 0 ? to : to.slice(0, at), groups);
  const query = compileTemplate(at < 0 ? "" : to.slice(at + 1), groups);
  if (!to.startsWith("/") && !to.startsWith("$")) {
    throw new TypeError(`rewrite to ${JSON.stringify(to)}: it must begin with "/"`);
  }
  return (from) => {
    const found = pattern.exec(from);
    if (found === null) return undefined;
    const target = path(found, (capture) => capture);
    // Pieces that are harmless apart can come to a dot segment together, and lead out of the place meant.
    if (/\/\.\.?(?:\/|$)/.test(target.replaceAll(/%2e/gi, "."))) return "unsafe";
    const canonical = canonicalPath(target);
    if (!canonical.ok) return "unsafe";
    return { path: canonical.path, query: query(found, encodeCapture) };
  };
}

/** A part of a path as the value of a query's key: it must not become another key. */
function encodeCapture(capture: string): string {
  return capture
    .split("/")
    .map((segment) => encodeURIComponent(decoded(segment)))
    .join("/");
}

function decoded(segment: string): string {
  try {
    return decodeSegment(segment);
  } catch {
    // A group may end within an escape.
    return segment;
  }
}

interface Groups {
  readonly count: number;
  readonly names: ReadonlySet<string>;
}

function countGroups(pattern: RegExp): Groups {
  const empty = new RegExp(`${pattern.source}|`, pattern.flags).exec("") as RegExpExecArray;
  return { count: empty.length - 1, names: new Set(Object.keys(empty.groups ?? {})) };
}

type Template = (found: RegExpExecArray, encode: (capture: string) => string) => string;

const PLACE = /\$(?:(\d{1,2})|<([^>]*)>|(\$))/g;

function compileTemplate(text: string, groups: Groups): Template {
  const parts: (string | { readonly group: number | string })[] = [];
  let end = 0;
  for (const place of text.matchAll(PLACE)) {
    const [all, digits, name] = place;
    parts.push(text.slice(end, place.index));
    end = place.index + all.length;
    if (digits === undefined && name === undefined) parts.push("$");
    else parts.push({ group: digits === undefined ? (name as string) : Number(digits) });
  }
  parts.push(text.slice(end));
  for (const part of parts) if (typeof part !== "string") checkGroup(part.group, groups);
  checkText(parts.filter((part) => typeof part === "string").join(""));
  return (found, encode) => {
    let out = "";
    for (const part of parts) {
      if (typeof part === "string") out += part;
      else {
        const value =
          typeof part.group === "number" ? found[part.group] : found.groups?.[part.group];
        out += encode(value ?? "");
      }
    }
    return out;
  };
}

function checkGroup(group: number | string, { count, names }: Groups): void {
  if (typeof group === "number" ? group <= count : names.has(group)) return;
  const place = typeof group === "number" ? `$${group}` : `$<${group}>`;
  throw new TypeError(`rewrite to ${place}: the pattern has no such group`);
}

function checkText(text: string): void {
  if (/^[\x21\x22\x24-\x7e]*$/.test(text)) return;
  throw new TypeError(
    `rewrite to ${JSON.stringify(text)}: escape what is not plain ASCII, and "#"`,
  );
}
