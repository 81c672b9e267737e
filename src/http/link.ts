import { TOKEN } from "./header-list.ts";

/** One link of a `Link` field (RFC 8288 3). */
export interface Link {
  /** Absolute, or relative to the address of the answer. */
  readonly href: string;
  /** How it is related: `next`, `prev`, `first`, `last`, `preload` … */
  readonly rel: string;
  /** Further target attributes, such as `title`, `type`, `as`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

// RFC 3986: what a URI is made of; all else is escaped.
const NOT_URI = /[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/gu;
const QUOTABLE = /^[\t\x20-\x7e]*$/;

/**
 * A `Link` value. What a URI cannot hold is escaped; an attribute that is not ASCII is sent as RFC 8187 has it.
 * @throws TypeError for an attribute that no field can hold
 * @example formatLinks([{ href: "/a?page=2", rel: "next" }]) // `</a?page=2>; rel="next"`
 */
export function formatLinks(links: readonly Link[]): string {
  return links.map(formatLink).join(", ");
}

function formatLink({ href, rel, attributes = {} }: Link): string {
  const uri = href.toWellFormed().replace(NOT_URI, encodeURIComponent);
  let text = `<${uri}>${formatAttribute("rel", rel)}`;
  for (const [name, value] of Object.entries(attributes)) text += formatAttribute(name, value);
  return text;
}

function formatAttribute(name: string, value: string): string {
  if (!TOKEN.test(name) || name.endsWith("*")) {
    throw new TypeError(`link attribute ${JSON.stringify(name)}: a name is a token`);
  }
  if (QUOTABLE.test(value)) return `; ${name}="${value.replace(/["\\]/g, "\\$&")}"`;
  const escaped = encodeURIComponent(value.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `; ${name}*=UTF-8''${escaped}`;
}

/** A link as it was read. */
export interface ParsedLink {
  readonly href: string;
  /** Each relation in lower case. */
  readonly rels: readonly string[];
  /** By name in lower case; the first of each. */
  readonly attributes: ReadonlyMap<string, string>;
}

const TARGET = /[ \t,]*<([^>]*)>/y;
const ATTRIBUTE =
  /[ \t]*;[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*)))?)?/y;

/** Reads a `Link` field (RFC 8288 3, appendix B.2). What cannot be read ends it; what came before is kept. */
export function parseLinks(field: string): ParsedLink[] {
  const links: ParsedLink[] = [];
  let at = 0;
  for (;;) {
    TARGET.lastIndex = at;
    const target = TARGET.exec(field);
    if (target === null) return links;
    at = TARGET.lastIndex;
    const attributes = new Map<string, string>();
    for (;;) {
      ATTRIBUTE.lastIndex = at;
      const found = ATTRIBUTE.exec(field);
      if (found === null) break;
      at = ATTRIBUTE.lastIndex;
      const name = found[1]?.toLowerCase();
      if (name === undefined || attributes.has(name)) continue;
      attributes.set(name, found[2]?.replace(/\\(.)/g, "$1") ?? found[3] ?? "");
    }
    const rels = (attributes.get("rel") ?? "").toLowerCase().split(/[ \t]+/);
    attributes.delete("rel");
    links.push({
      href: target[1] as string,
      rels: rels.filter((rel) => rel !== ""),
      attributes,
    });
    if (!/^[ \t]*(?:,|$)/.test(field.slice(at))) return links;
  }
}
