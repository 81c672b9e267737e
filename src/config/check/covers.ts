import type { RouteConfig } from "../schema/config.ts";

/** What a route asks beyond host and path. */
export type Conditions = Omit<RouteConfig["match"], "host" | "path">;

/**
 * Whether whatever meets the narrower conditions meets the wider ones too, as far as that can be told from how they
 * are written.
 */
export function covers(wider: Conditions, narrower: Conditions): boolean {
  return Object.entries(wider).every(([key, asked]) => {
    const other = narrower[key as keyof Conditions];
    if (asked === undefined) return true;
    if (other === undefined) return false;
    if (isSame(asked, other)) return true;
    switch (key) {
      case "method":
      case "content_type":
      case "client":
      case "protocol":
        return isAmong(other, asked);
      case "header":
      case "query":
      case "cookie":
        return coversValues(asked as Values, other as Values);
      case "client_cert":
        return asked === true;
      default:
        return false;
    }
  });
}

type Values = Readonly<Record<string, string | false | readonly string[]>>;

function coversValues(wider: Values, narrower: Values): boolean {
  return Object.entries(wider).every(([name, asked]) => {
    const other = Object.hasOwn(narrower, name) ? narrower[name] : undefined;
    if (other === undefined) return false;
    if (asked === "*") return other !== false;
    return isSame(asked, other) || (asked !== false && other !== false && isAmong(other, asked));
  });
}

/** Whether all of one list, or text, are in another. */
function isAmong(some: unknown, all: unknown): boolean {
  const known = new Set([all].flat());
  return [some].flat().every((one) => known.has(one));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
