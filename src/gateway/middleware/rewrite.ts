import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { TextPattern } from "../../core/routing/text-pattern.ts";
import type {
  PathPattern,
  RewriteChange,
  RewriteRule,
} from "../../middleware/rewrite/rewrite-rule.ts";
import { rewrite } from "../../middleware/rewrite/rewrite.ts";
import { allHold, groupMatchers } from "../matchers/conditions.ts";
import type { MiddlewareParts } from "./parts.ts";

type RuleConfig = MiddlewareConfig["rewrite"][number];

/** Other addresses for requests, or redirects. */
export function rewriteOf(
  rules: MiddlewareConfig["rewrite"],
  { clientOf }: MiddlewareParts,
): Middleware {
  return rewrite(
    rules.map((rule): RewriteRule => {
      const { when, go, redirect, keep_query: keepQuery } = rule;
      const asked = when && groupMatchers(when, clientOf);
      return {
        ...changeOf(rule),
        go,
        query: keepQuery ? "keep" : "drop",
        ...(redirect !== undefined && { redirect }),
        ...(asked && { when: (c) => allHold(asked, c.exchange) }),
      };
    }),
  );
}

/** The check has seen that there is one of them. */
function changeOf({ from, to, strip, add }: RuleConfig): RewriteChange {
  if (strip !== undefined) return { strip };
  if (add !== undefined) return { add };
  const path = from as string;
  const match = path.startsWith("~") ? new TextPattern(path.slice(1)) : exactly(path);
  return { match, to: to as string };
}

function exactly(path: string): PathPattern {
  const groups = { count: 0, names: new Map<string, number>() };
  return { groups, exec: (asked) => (asked === path ? [path] : undefined) };
}
