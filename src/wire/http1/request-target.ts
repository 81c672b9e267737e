import type { PathRules, PathProblem } from "../../http/path.ts";
import { canonicalPath } from "../../http/path.ts";
import { hasPort, isAuthority } from "./authority.ts";
import type { HeadProblem } from "./head-problem.ts";
import { problems } from "./head-problem.ts";

/** A request target in its parts (RFC 9112 3.2). */
export interface RequestTarget {
  /** Lower case, with its port if one was given; "" where HTTP/1.0 sent none. */
  authority: string;
  /** Canonical; "*" for `OPTIONS *`, "" for CONNECT. */
  path: string;
  query: string;
}

export interface PathRefusal {
  readonly status: 400;
  readonly code: string;
  readonly detail: string;
}

/**
 * Reads origin-form, absolute-form, authority-form and asterisk-form.
 * @param host the Host value, if there was one
 */
export function readTarget(
  method: string,
  target: string,
  host: string | undefined,
  scheme: "http" | "https",
  rules: PathRules,
): RequestTarget | HeadProblem | PathRefusal {
  const authority = host === undefined ? "" : authorityOf(host);
  if (authority === undefined) return problems.host_invalid;
  if (method === "CONNECT") return connectTarget(target, authority);
  if (target.charCodeAt(0) === 0x2f) return originForm(target, authority, rules);
  if (target === "*" && method === "OPTIONS") return { authority, path: "*", query: "" };
  return absoluteForm(target, authority, scheme, rules);
}

let lastHost = "";
let lastAuthority = "";

/** Lower case; undefined when it is none. Almost every request is for the host of the one before. */
function authorityOf(host: string): string | undefined {
  if (host !== lastHost || host === "") {
    if (!isAuthority(host)) return undefined;
    lastAuthority = host.toLowerCase();
    lastHost = host;
  }
  return lastAuthority;
}

function originForm(
  target: string,
  authority: string,
  rules: PathRules,
): RequestTarget | PathRefusal {
  const mark = target.indexOf("?");
  const raw = mark < 0 ? target : target.slice(0, mark);
  const canonical = canonicalPath(raw, rules);
  if (!canonical.ok) return pathRefusal(canonical.problem);
  return { authority, path: canonical.path, query: mark < 0 ? "" : target.slice(mark + 1) };
}

const ABSOLUTE = /^(https?):\/\/([^/?]*)(.*)$/i;

function absoluteForm(
  target: string,
  host: string,
  scheme: "http" | "https",
  rules: PathRules,
): RequestTarget | HeadProblem | PathRefusal {
  const parts = ABSOLUTE.exec(target);
  if (parts === null) return problems.target;
  const authority = (parts[2] as string).toLowerCase();
  if (!isAuthority(authority)) return problems.host_invalid;
  if (host !== "" && withoutDefaultPort(host, scheme) !== withoutDefaultPort(authority, scheme)) {
    return problems.host_mismatch;
  }
  if ((parts[1] as string).toLowerCase() !== scheme) return problems.scheme_mismatch;
  const rest = parts[3] as string;
  return originForm(rest.startsWith("/") ? rest : `/${rest}`, authority, rules);
}

function connectTarget(target: string, host: string): RequestTarget | HeadProblem {
  const authority = target.toLowerCase();
  if (!isAuthority(authority) || !hasPort(authority)) return problems.target;
  if (host !== "" && host !== authority && `${host}:443` !== authority) {
    return problems.host_mismatch;
  }
  return { authority, path: "", query: "" };
}

function withoutDefaultPort(authority: string, scheme: "http" | "https"): string {
  const port = scheme === "http" ? ":80" : ":443";
  return authority.endsWith(port) ? authority.slice(0, -port.length) : authority;
}

const details: Record<PathProblem, string> = {
  not_absolute: "The path does not begin with a slash.",
  bad_escape: "The path holds a `%` that two hexadecimal digits do not follow.",
  bad_character: "The path holds a character that must be percent-encoded.",
  encoded_slash: "The path holds an encoded slash (`%2F`), which this server refuses.",
  backslash: "The path holds a backslash, which this server refuses.",
  nul: "The path holds an encoded NUL.",
  invalid_utf8: "The path's escapes are not valid UTF-8.",
  above_root: "The path climbs above the root with `..`.",
};

export function pathRefusal(problem: PathProblem): PathRefusal {
  return { status: 400, code: `path_${problem}`, detail: details[problem] };
}
