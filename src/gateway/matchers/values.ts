import { TextPattern } from "../../core/routing/text-pattern.ts";
import type { Exchange } from "../../core/exchange.ts";
import { parseCookies } from "../../http/cookie.ts";
import { parseQuery } from "../../http/query.ts";
import type { Matcher } from "./matcher.ts";

/** As it stands in the configuration: text, `~regexp`, `"*"`, false, or a list. */
export type Wanted = string | false | readonly string[];

type Values = (exchange: Exchange, name: string) => readonly string[];

/** A table of `match`: one matcher for each name. Where there are several values, one of them has to agree. */
export function namedMatchers(
  kind: "header" | "query" | "cookie",
  table: Readonly<Record<string, Wanted>> = {},
): Matcher[] {
  const values = VALUES[kind];
  return Object.entries(table).map(([name, wanted]) => {
    const agrees = agreesWith(wanted);
    return {
      name: `${kind} ${name}`,
      wanted: JSON.stringify(wanted),
      holds(exchange) {
        const sent = values(exchange, name);
        return wanted === false ? sent.length === 0 : sent.some(agrees);
      },
    };
  });
}

/** Whether a text is the one that is wanted. */
export function agreesWith(wanted: Wanted): (value: string) => boolean {
  const tests = [wanted].flat().map((one): ((value: string) => boolean) => {
    if (one === false) return () => false;
    if (one === "*") return () => true;
    if (!one.startsWith("~")) return (value) => value === one;
    const pattern = new TextPattern(one.slice(1));
    return (value) => pattern.test(value);
  });
  return (value) => tests.some((test) => test(value));
}

/**
 * Of a query that is not UTF-8, or has too many parameters. Others read it all the same, so nobody may pass by a route
 * by adding something of the kind.
 */
function looseParameters(query: string, name: string): readonly string[] {
  const escaped = query.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  return new URLSearchParams(escaped).getAll(name);
}

const VALUES: Readonly<Record<"header" | "query" | "cookie", Values>> = {
  header: ({ headers }, name) => headers.getAll(name),
  query: ({ query }, name) => {
    try {
      const value = parseQuery(query)[name];
      return value === undefined ? [] : [value].flat();
    } catch {
      return looseParameters(query, name);
    }
  },
  cookie: ({ headers }, name) =>
    parseCookies(headers.getAll("cookie").join("; "))
      .filter(([other]) => other === name)
      .map(([, value]) => value),
};
