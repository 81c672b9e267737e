/**
 * The one canonical form of a path. Routing, middleware, files and forwarding all use it, so that a rule
 * cannot be passed by spelling the path another way (see docs/guide/paths.md).
 *
 * - unreserved characters (RFC 3986 2.3) are decoded, once; every other escape is kept, in upper case
 * - bytes that may not stand raw in a path are escaped
 * - dot segments are resolved after decoding (so `%2e%2e` is one); climbing above the root is refused
 * - an encoded slash, an encoded or raw backslash, NUL and escapes that are not UTF-8 are refused
 */
export interface PathRules {
  /** `keep` leaves `//` as it is; `merge` makes it `/`. */
  slashes: "keep" | "merge";
  /** Refuse `%2F`, which some origins decode to a separator. */
  encodedSlash: "refuse" | "keep";
  /** Refuse `\` and `%5C`, which some file systems take for a separator. */
  backslash: "refuse" | "keep";
}

export const defaultPathRules: PathRules = {
  slashes: "merge",
  encodedSlash: "refuse",
  backslash: "refuse",
};

export type PathProblem =
  | "not_absolute"
  | "bad_escape"
  | "bad_character"
  | "encoded_slash"
  | "backslash"
  | "nul"
  | "invalid_utf8"
  | "above_root";

export type CanonicalPath = { ok: true; path: string } | { ok: false; problem: PathProblem };

// Nothing to do: unreserved and sub-delims only, no escape. "//" and "/." are looked for apart.
const PLAIN = /^(?:\/[A-Za-z0-9\-_~!$&'()*+,;=:@][A-Za-z0-9\-._~!$&'()*+,;=:@]*)*\/?$/;

/**
 * @param raw the path of a request target, without its query
 * @example canonicalPath("/a/%7Euser/../b%c3%a9") // { ok: true, path: "/a/b%C3%A9" }
 */
export function canonicalPath(raw: string, rules: PathRules = defaultPathRules): CanonicalPath {
  if (PLAIN.test(raw) && raw !== "") return { ok: true, path: raw };
  return canonicalise(raw, rules);
}

function refuse(problem: PathProblem): CanonicalPath {
  return { ok: false, problem };
}

function canonicalise(raw: string, rules: PathRules): CanonicalPath {
  if (raw.charCodeAt(0) !== 0x2f) return refuse("not_absolute");
  const problem = findProblem(raw, rules);
  if (problem !== undefined) return refuse(problem);
  const normal = raw.replace(ESCAPE_OR_ODD, normaliseOne);
  return resolve(normal, rules);
}

const ESCAPE_OR_ODD = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/g;
const UNRESERVED = /[A-Za-z0-9\-._~]/;

function normaliseOne(piece: string): string {
  if (piece.length === 3) {
    const character = String.fromCharCode(Number.parseInt(piece.slice(1), 16));
    return UNRESERVED.test(character) ? character : piece.toUpperCase();
  }
  // A byte above 0x7F (targets are read as Latin-1) or a delimiter that RFC 3986 does not allow raw.
  return "%" + piece.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}

function findProblem(raw: string, rules: PathRules): PathProblem | undefined {
  let beyondAscii = false;
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code === 0) return "nul";
    if (code <= 0x20 || code === 0x7f || code > 0xff || code === 0x23) return "bad_character";
    if (code === 0x5c && rules.backslash === "refuse") return "backslash";
    if (code > 0x7f) beyondAscii = true;
    if (code !== 0x25) continue;
    const value = escapeValue(raw, i);
    if (value < 0) return "bad_escape";
    if (value === 0) return "nul";
    if (value === 0x2f && rules.encodedSlash === "refuse") return "encoded_slash";
    if (value === 0x5c && rules.backslash === "refuse") return "backslash";
    if (value > 0x7f) beyondAscii = true;
    i += 2;
  }
  return beyondAscii && !isUtf8(raw) ? "invalid_utf8" : undefined;
}

/** The value of the escape at `at`, or -1. */
function escapeValue(raw: string, at: number): number {
  const high = hex(raw.charCodeAt(at + 1));
  const low = hex(raw.charCodeAt(at + 2));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hex(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

function isUtf8(raw: string): boolean {
  const bytes: number[] = [];
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code === 0x25) {
      bytes.push(escapeValue(raw, i));
      i += 2;
    } else bytes.push(code);
  }
  try {
    strictUtf8.decode(new Uint8Array(bytes));
    return true;
  } catch {
    return false;
  }
}

/** RFC 3986 5.2.4, on segments, and slashes by the rule. */
function resolve(path: string, rules: PathRules): CanonicalPath {
  const merge = rules.slashes === "merge";
  const segments = path.split("/");
  const last = segments.length - 1;
  const out: string[] = [];
  for (let i = 1; i <= last; i++) {
    const segment = segments[i] as string;
    if (segment === "..") {
      if (out.length === 0) return refuse("above_root");
      out.pop();
      if (i === last) out.push("");
    } else if (segment === ".") {
      if (i === last) out.push("");
    } else if (segment !== "" || i === last || !merge) {
      out.push(segment);
    }
  }
  return { ok: true, path: "/" + out.join("/") };
}

/** Decodes one canonical segment for people and file systems. Canonical paths are valid UTF-8, so this cannot fail. */
export function decodeSegment(segment: string): string {
  return segment.includes("%") ? decodeURIComponent(segment) : segment;
}
