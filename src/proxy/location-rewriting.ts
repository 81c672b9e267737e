import type { Context } from "../core/context.ts";
import type { Captures } from "../core/routing/capture-pattern.ts";
import { TextPattern } from "../core/routing/text-pattern.ts";
import { checkGroups, parseTemplate } from "../core/template/template.ts";
import { textTemplate } from "../core/template/text-template.ts";
import type { Backend } from "../upstream/backend.ts";

/** An address that a backend names, and what the client is told in its place. */
export interface LocationRule {
  /**
   * How such addresses begin (`http://app.internal:8080/shop/`, `/shop/`), or `~` and a regular expression, which is
   * found in the address in linear time.
   */
  readonly from: string;
  /**
   * What stands in the place of the beginning, or, of an expression, of the whole address: `$1` and `$<name>` are its
   * groups, `${host}` and the like variables of the request.
   */
  readonly to: string;
}

/** Changes an address of a backend's answer, or leaves it as it is. */
export type LocationRewriter = (address: string, c: Context, backend?: Backend) => string;

/**
 * Rules first; an address that none of them is for becomes the public one where it has the backend's own origin.
 * @param host what is sent to backends as Host, where that is a text of its own
 * @throws SyntaxError, TemplateError
 */
export function locationRewriter(
  rules: readonly LocationRule[],
  host: string | undefined,
): LocationRewriter {
  const compiled = rules.map(compileRule);
  return (address, c, backend) => {
    for (let i = 0; i < compiled.length; i++) {
      const rewritten = compiled[i]?.(address, c);
      if (rewritten !== undefined) return rewritten;
    }
    return toPublic(address, c, backend?.endpoint.authority, host);
  };
}

type Rule = (address: string, c: Context) => string | undefined;

function compileRule({ from, to }: LocationRule): Rule {
  const parts = parseTemplate(to);
  const target = textTemplate(parts, "header");
  if (from.startsWith("~")) {
    const pattern = new TextPattern(from.slice(1));
    checkGroups(parts, pattern.groups, "the expression");
    return (address, c) => {
      const found = pattern.exec(address);
      return found && target(c, found);
    };
  }
  checkGroups(parts, { count: 0, names: new Map() }, "the address");
  const isPath = from.startsWith("/") && !from.startsWith("//");
  return (address, c) => {
    // "//other.example/" is another host, not a path.
    if (!address.startsWith(from) || (isPath && address.startsWith("//"))) return undefined;
    const rewritten = target(c, NO_GROUPS) + address.slice(from.length);
    return to.startsWith("/") ? rewritten.replace(/^\/{2,}/, "/") : rewritten;
  };
}

const NO_GROUPS: Captures = {};

/** As nginx does it by default: who is told of the backend's own origin could not reach it. */
function toPublic(
  address: string,
  c: Context,
  own: string | undefined,
  host: string | undefined,
): string {
  const found = /^(https?):\/\/([^/?#]*)/i.exec(address);
  if (found === null) return address;
  const [origin, scheme = "", authority = ""] = found;
  const named = authority.toLowerCase().replace(/^https$/i.test(scheme) ? /:443$/ : /:80$/, "");
  if (named === c.host || (named !== own && named !== host)) return address;
  const rest = address.slice(origin.length);
  // HTTP/1.0 clients may not say what we are called.
  if (c.host === "") return rest.startsWith("/") ? rest : `/${rest}`;
  return `${c.scheme}://${c.host}${rest}`;
}

const REFRESH = /^(\s*[\d.]+\s*[;,]\s*url\s*=\s*)(["']?)(.*?)\2(\s*)$/is;

/** The address in `Refresh: 5; url=…`, which is in no standard but HTML's (4.2.5.3). */
export function rewriteRefresh(value: string, rewrite: (address: string) => string): string {
  const found = REFRESH.exec(value);
  if (found === null) return value;
  const [, before, quote, address, after] = found;
  return `${before}${quote}${rewrite(address as string)}${quote}${after}`;
}
