import type { KeyPath } from "../path-key.ts";
import { suggest } from "../suggest.ts";
import type { CheckContext } from "./check.ts";

/** There must be an upstream of that name. */
export function checkUpstreamName(context: CheckContext, path: KeyPath, wanted: string): void {
  const names = context.config.upstream.map(({ name }) => name);
  if (names.includes(wanted)) return;
  const close = suggest(wanted, names);
  const known = names.length === 0 ? "there is no [[upstream]]" : `there are ${names.join(", ")}`;
  const help = close === undefined ? `help: ${known}` : `help: did you mean ${close}?`;
  context.error(path, "value", `there is no upstream ${JSON.stringify(wanted)}`, help);
}
