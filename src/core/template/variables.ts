import { parseCookies } from "../../http/cookie.ts";
import { parseQuery } from "../../http/query.ts";
import type { Context } from "../context.ts";
import { hostName } from "../routing/route-table.ts";
import type { VariableName, VariablePart } from "./template.ts";

type Reader = (c: Context) => string;

/** What a request has for a variable, as it stands there; "" for what is not there. */
export function variableReader({ variable, key }: VariablePart): Reader {
  switch (variable) {
    case "header":
      return (c) => c.exchange.headers.joined(key) ?? "";
    case "cookie":
      return (c) => cookieOf(c, key);
    case "query":
      return key === "" ? (c) => c.exchange.query : (c) => parameterOf(c, key);
    default:
      return READERS[variable];
  }
}

const READERS: Readonly<Record<Exclude<VariableName, "header" | "cookie" | "query">, Reader>> = {
  host: (c) => c.host,
  hostname: (c) => hostName(c.host),
  path: (c) => c.exchange.path,
  rest: (c) => c.rest,
  uri: ({ exchange: { path, query } }) => (query === "" ? path : `${path}?${query}`),
  method: (c) => c.exchange.method,
  scheme: (c) => c.scheme,
  protocol: (c) => c.exchange.protocol,
  client: (c) => c.ip,
  request_id: (c) => String((c.vars as { requestId?: string }).requestId ?? ""),
};

/** The first of that name. What cannot be read has none. */
function parameterOf(c: Context, name: string): string {
  try {
    const value = parseQuery(c.exchange.query)[name];
    return (typeof value === "string" ? value : value?.[0]) ?? "";
  } catch {
    return "";
  }
}

function cookieOf(c: Context, name: string): string {
  const sent = c.exchange.headers.getAll("cookie").join("; ");
  return parseCookies(sent).find(([other]) => other === name)?.[1] ?? "";
}
