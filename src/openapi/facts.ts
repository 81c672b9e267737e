import type { RouteInfo } from "../core/route.ts";
import type { ExtractorFacts } from "../core/spec/types.ts";

/** What stands around a route and what reads for it tell of themselves: middleware, then extractors. */
export function factsOf({ use, spec }: RouteInfo): readonly ExtractorFacts[] {
  const all = [...use, ...Object.values(spec.with ?? {})];
  return all.flatMap(({ facts }) => facts ?? []);
}
