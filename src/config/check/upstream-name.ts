import type { KeyPath } from "../path-key.ts";
import type { Config } from "../schema/config.ts";
import { suggest } from "../suggest.ts";
import type { CheckContext } from "./check.ts";

/** The names of a configuration's upstreams, which each of many routes asks for. */
const NAMES = new WeakMap<Config, ReadonlySet<string>>();

/** Of so many upstreams the names are listed. */
const MOST_LISTED = 20;

/** There must be an upstream of that name. */
export function checkUpstreamName(context: CheckContext, path: KeyPath, wanted: string): void {
  const names = namesOf(context.config);
  if (names.has(wanted)) return;
  const close = suggest(wanted, names);
  const some = [...names].slice(0, MOST_LISTED).join(", ");
  const more = names.size > MOST_LISTED ? ` and ${names.size - MOST_LISTED} more` : "";
  const known = names.size === 0 ? "there is no [[upstream]]" : `there are ${some}${more}`;
  const help =
    close === undefined ? `help: ${known}` : `help: did you mean ${JSON.stringify(close)}?`;
  context.error(path, "value", `there is no upstream ${JSON.stringify(wanted)}`, help);
}

function namesOf(config: Config): ReadonlySet<string> {
  let names = NAMES.get(config);
  if (names === undefined)
    NAMES.set(config, (names = new Set(config.upstream.map(({ name }) => name))));
  return names;
}
