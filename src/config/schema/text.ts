import * as z from "zod";
import { GlobPattern, isGlob } from "../../core/routing/glob-pattern.ts";
import { TextPattern } from "../../core/routing/text-pattern.ts";
import { canonicalPath } from "../../http/path.ts";

/** Not empty. */
export const nonEmpty = z.string().min(1);

const LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const HOST_NAME = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`);
const IPV6 = /^\[[0-9a-f:.]+\]$/;

/** A name that a client asks a server by, in its ASCII form. */
export const hostName = z.string().regex(new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, "i"), {
  error: "must be a host name without a scheme or a port, such as sluice.internal",
});

/** A host of `match`: a name, `*.name` for one label, an address, or `~` and a regexp. Compared in lower case. */
export const hostPattern = z.string().superRefine((host, context) => {
  const problem = hostProblem(host);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

function hostProblem(host: string): string | undefined {
  if (host.startsWith("~")) return expressionProblem(() => new TextPattern(host.slice(1)));
  if (host.length > 255) return "is longer than a host name can be (253 characters)";
  const lower = host.toLowerCase();
  if (HOST_NAME.test(lower) && lower.length <= 253) return undefined;
  if (IPV6.test(lower)) return undefined;
  if (lower === "*") return "is not needed to match every host: leave it out";
  if (lower.includes("://")) return "must be a host name without a scheme, such as example.com";
  if (lower.includes("/")) return 'must be a host name; a path goes into "path"';
  if (/:\d+$/.test(lower)) return "must be a host name without a port: every port of it matches";
  if (lower.includes("*"))
    return "may have a wildcard only as its whole first label, as in *.example.com";
  if (/[\u0080-\u{10ffff}]/u.test(lower)) return "must be in its ASCII form (punycode, xn--…)";
  return "must be a host name such as example.com or *.example.com";
}

/** A path of `match`: exact, or a prefix ending in `/*`, written in canonical form; a glob, or `~` and a regexp. */
export const pathPattern = z.string().superRefine((path, context) => {
  const problem = pathProblem(path);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

/** Longer ones could hardly be requested. */
const MOST_PATH = 1024;

function expressionProblem(compile: () => unknown): string | undefined {
  try {
    compile();
    return undefined;
  } catch (error) {
    return `is no expression that can be matched: ${(error as Error).message}`;
  }
}

function pathProblem(path: string): string | undefined {
  if (path.startsWith("~")) return expressionProblem(() => new TextPattern(path.slice(1)));
  if (!path.startsWith("/")) return 'must begin with "/"';
  if (path.length > MOST_PATH) return `is longer than ${MOST_PATH} characters`;
  const prefix = path.endsWith("/*");
  const literal = prefix ? path.slice(0, -1) : path;
  if (/#|\?.*=/.test(literal)) return 'must be a path without a query or "#"';
  if (isGlob(path)) return expressionProblem(() => new GlobPattern(path));
  // Requests are matched by their canonical path, so another spelling could never match.
  const canonical = canonicalPath(asTarget(literal));
  if (!canonical.ok)
    return `is no path a request can have (${canonical.problem.replaceAll("_", " ")})`;
  if (canonical.path === literal) return undefined;
  return `is matched in canonical form: write ${JSON.stringify(canonical.path + (prefix ? "*" : ""))}`;
}

/** Text as a client would send it: UTF-8 bytes, one char each, and spaces escaped. */
function asTarget(text: string): string {
  let target = "";
  for (const byte of new TextEncoder().encode(text)) {
    target += byte === 0x20 ? "%20" : String.fromCharCode(byte);
  }
  return target;
}

// RFC 9110 5.5
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** The engine's own (RFC 9112 6): setting them would break the framing. */
const FRAMING = [
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "upgrade",
  "te",
  "trailer",
];

export const headerValue = z.string().regex(FIELD_VALUE, {
  error: "must be a header value: no line breaks or control characters, and nothing above U+00FF",
});

/** `{ "x-name" = "value" }` */
export const headers = z.record(z.string(), headerValue).superRefine((record, context) => {
  for (const name of Object.keys(record)) {
    let message: string | undefined;
    if (!FIELD_NAME.test(name)) message = "is no header name: use letters, digits and -";
    else if (FRAMING.includes(name.toLowerCase()))
      message = "is set by the server itself: leave it out";
    if (message !== undefined) {
      context.addIssue({ code: "custom", path: [name], message, params: { part: "key" } });
    }
  }
});
