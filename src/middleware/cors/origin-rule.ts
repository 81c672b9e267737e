import type { Context } from "../../core/context.ts";

/** Which origins may; see {@link CorsOptions}. */
export type OriginRule =
  | string
  | RegExp
  | readonly (string | RegExp)[]
  | ((origin: string, c: Context) => boolean | Promise<boolean>);

/** The value of `Access-Control-Allow-Origin` for an origin, "" for none. */
export type OriginTest = (origin: string, c: Context) => string | Promise<string>;

/** The longest host name and a port: longer ones are no origins, and not worth a pattern's time. */
const LONGEST = 300;

/** @throws TypeError naming what can be no origin */
export function compileOrigin(rule: OriginRule): OriginTest {
  if (rule === "*") return () => "*";
  if (typeof rule === "function") {
    return async (origin, c) =>
      isOrigin(origin) && (await rule(origin, c)) === true ? origin : "";
  }
  const list = Array.isArray(rule)
    ? (rule as readonly (string | RegExp)[])
    : [rule as string | RegExp];
  const exact = new Set<string>();
  const patterns: RegExp[] = [];
  for (const one of list) {
    if (typeof one === "string") exact.add(checkOrigin(one));
    else patterns.push(wholly(one));
  }
  return (origin) => {
    if (exact.has(origin)) return origin;
    // "null" is shared by every sandbox and file, so no pattern is meant to take it.
    return isOrigin(origin) && patterns.some((pattern) => pattern.test(origin)) ? origin : "";
  };
}

/** As browsers write them (RFC 6454 7): no path, lower case, no user. */
function isOrigin(origin: string): boolean {
  return origin.length <= LONGEST && /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\,"<>]+$/.test(origin);
}

function checkOrigin(origin: string): string {
  if (origin === "null") return origin;
  if (origin === "*") throw new TypeError('cors: "*" stands alone, not in a list');
  if (isOrigin(origin) && origin === origin.toLowerCase()) return origin;
  const hint = 'write it as browsers do, such as "https://app.example:8443" without a path';
  throw new TypeError(`cors: ${JSON.stringify(origin)} is no origin: ${hint}`);
}

/**
 * A pattern for the whole origin: unanchored `/app\.example/` would take `https://app.example.attacker.test`.
 * Without the flags that make it remember where it was.
 */
function wholly(pattern: RegExp): RegExp {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replaceAll(/[gym]/g, ""));
}
