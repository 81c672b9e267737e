import type { PathPattern } from "./path-pattern.ts";
import { compareRank } from "./specificity.ts";
import type { Ranked } from "./specificity.ts";

/** A route as far as conflicts go. */
export interface Claim extends Ranked {
  readonly path: string;
  /** Undefined for any. */
  readonly methods: readonly string[] | undefined;
  /** Further conditions decide at run time, so nothing can be said. */
  readonly conditional: boolean;
  /** `file:line` of its declaration, where known. */
  readonly place: string | undefined;
}

/**
 * Refuses two routes of equal rank that can meet: which of them answers would depend on their order.
 * @throws TypeError naming both places
 */
export function refuseConflicts(claims: readonly Claim[]): void {
  const byShape = new Map<string, Claim[]>();
  for (const claim of claims) {
    if (claim.order !== undefined || claim.conditional) continue;
    const shape = `${claim.host?.toLowerCase() ?? ""} ${shapeOf(claim.pattern)}`;
    const others = byShape.get(shape);
    if (others === undefined) {
      byShape.set(shape, [claim]);
      continue;
    }
    const rival = others.find((other) => equalAndMeeting(claim, other));
    if (rival !== undefined) throw new TypeError(conflict(rival, claim));
    others.push(claim);
  }
}

function equalAndMeeting(a: Claim, b: Claim): boolean {
  return compareRank(a, b) === 0 && shareMethod(a, b) && patternsMeet(a.pattern, b.pattern);
}

function shareMethod(a: Claim, b: Claim): boolean {
  if (a.methods === undefined || b.methods === undefined) return a.methods === b.methods;
  return a.methods.some((method) => b.methods?.includes(method));
}

/** Whether some path matches both; their literals and kinds of segments are the same. */
function patternsMeet(a: PathPattern, b: PathPattern): boolean {
  return a.segments.every((segment, index) => {
    const other = b.segments[index];
    if (segment.kind !== "pattern" || other?.kind !== "pattern") return true;
    return segment.pattern.meets(other.pattern);
  });
}

/** Kinds of segments, and literals as they are. */
function shapeOf({ segments, rest }: PathPattern): string {
  const parts = segments.map((segment) => {
    if (segment.kind === "literal") return segment.text;
    return segment.kind === "pattern" ? "{}" : ":";
  });
  return `/${parts.join("/")}${rest === undefined ? "" : "/*"}`;
}

function conflict(first: Claim, second: Claim): string {
  return (
    `two routes answer the same requests, and neither is more specific: ` +
    `${describe(first)} and ${describe(second)}. Remove one, or make its path or methods differ.`
  );
}

function describe({ methods, path, host, place }: Claim): string {
  const where = place === undefined ? "" : ` (${place})`;
  return `${methods?.join("|") ?? "any method"} ${host ?? ""}${path}${where}`;
}
