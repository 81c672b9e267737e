import type { RouteInfo } from "../core/route.ts";
import type { Components } from "./components.ts";
import type { SecurityRequirement } from "./document.ts";
import { factsOf } from "./facts.ts";

/**
 * What a request must prove. Each middleware or extractor asks for one of its schemes, and all of them ask, so these are
 * all the ways to meet every one. Undefined when nothing is asked.
 */
export function securityOf(
  route: RouteInfo,
  components: Components,
): readonly SecurityRequirement[] | undefined {
  let ways: SecurityRequirement[] = [{}];
  for (const { security } of factsOf(route)) {
    const schemes = Object.entries(security ?? {});
    if (schemes.length === 0) continue;
    const names = schemes.map(([name, scheme]) => components.securityScheme(name, scheme));
    ways = ways.flatMap((way) => names.map((name) => ({ ...way, [name]: [] })));
  }
  const different = new Map(ways.map((way) => [Object.keys(way).toSorted().join(" "), way]));
  return different.has("") ? undefined : [...different.values()];
}
