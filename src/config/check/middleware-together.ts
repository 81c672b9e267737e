import { compileCsp } from "../../middleware/security-headers/content-security-policy.ts";
import type { KeyPath } from "../path-key.ts";
import type { Config } from "../schema/config.ts";
import type { CheckContext } from "./check.ts";

/** Settings of one middleware that do not go together. */
export function checkTogether(
  context: CheckContext,
  at: KeyPath,
  {
    cors,
    cache_control: cache,
    ip_filter: filter,
    security_headers: security,
  }: Config["middleware"],
): void {
  const wrong = (path: KeyPath, message: string, help?: string): void => {
    if (context.isDamaged(path)) return;
    context.error(path, "key", `${context.name(path)} ${message}`, help);
  };
  if (cors && cors.origins.includes("*")) {
    const place = [...at, "cors"];
    const help = 'help: origins = ["https://app.example.com"]';
    if (cors.credentials)
      wrong([...place, "credentials"], 'cannot be had with the origin "*"', help);
    if (cors.origins.length > 1) wrong([...place, "origins"], 'has "*" beside others', help);
  }
  if (cache) checkCache(cache, [...at, "cache_control"], wrong);
  if (filter && filter.allow === undefined && filter.deny.length === 0) {
    const help = 'help: for example allow = ["10.0.0.0/8"]';
    wrong([...at, "ip_filter"], "lets everybody in: give allow or deny", help);
  }
  if (!security || !security.content_security_policy) return;
  try {
    compileCsp(security.content_security_policy, false);
  } catch (error) {
    wrong(
      [...at, "security_headers", "content_security_policy"],
      `cannot be: ${(error as Error).message}`,
    );
  }
}

type CacheConfig = Exclude<Config["middleware"]["cache_control"], false | undefined>;

/** Pairs of directives of which one takes the other back (RFC 9111 5.2.2). */
const CONTRARY = [
  ["public", "private"],
  ["no_store", "public"],
  ["no_store", "max_age_secs"],
  ["no_store", "s_maxage_secs"],
  ["private", "s_maxage_secs"],
] as const;

function checkCache(
  cache: CacheConfig,
  at: KeyPath,
  wrong: (path: KeyPath, message: string, help?: string) => void,
): void {
  const given = (key: keyof CacheConfig): boolean =>
    cache[key] !== undefined && cache[key] !== false;
  for (const [one, other] of CONTRARY) {
    if (given(one) && given(other)) wrong([...at, one], `contradicts ${other}: leave one out`);
  }
  if ((Object.keys(cache) as (keyof CacheConfig)[]).some(given)) return;
  wrong(at, "says nothing: give a directive", "help: for example max_age_secs = 3600");
}
