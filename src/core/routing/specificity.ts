import type { PathPattern, Segment } from "./path-pattern.ts";

/** What decides which of two routes answers first. */
export interface Ranked {
  /** Exact host, `*.example.com`, or undefined for any. */
  readonly host: string | undefined;
  readonly pattern: PathPattern;
  /** Given by who added the route, as a gateway does with the order of its file. */
  readonly order: number | undefined;
  /** Whether methods or further conditions narrow it down. */
  readonly narrowed: number;
}

/**
 * Sorts routes, best first. A given order comes first. Otherwise a named host before a wildcard before any,
 * then segment by segment from the left: text before `:param{regexp}` before `:param` before a tail, then
 * more conditions before fewer.
 * @returns negative, positive, or 0 for equal rank
 */
export function compareRank(a: Ranked, b: Ranked): number {
  if (a.order !== undefined || b.order !== undefined) {
    return (a.order ?? Infinity) === (b.order ?? Infinity)
      ? 0
      : (a.order ?? Infinity) - (b.order ?? Infinity);
  }
  return (
    hostKind(a.host) - hostKind(b.host) ||
    comparePaths(a.pattern, b.pattern) ||
    b.narrowed - a.narrowed
  );
}

function hostKind(host: string | undefined): number {
  if (host === undefined) return 2;
  return host.startsWith("*.") ? 1 : 0;
}

function comparePaths(a: PathPattern, b: PathPattern): number {
  const length = Math.max(a.segments.length, b.segments.length);
  for (let i = 0; i < length; i++) {
    const difference = kindOf(a.segments[i]) - kindOf(b.segments[i]);
    if (difference !== 0) return difference;
  }
  // Only one with a tail can meet one without.
  return (a.rest === undefined ? 0 : 1) - (b.rest === undefined ? 0 : 1);
}

function kindOf(segment: Segment | undefined): number {
  switch (segment?.kind) {
    case "literal":
      return 0;
    case "pattern":
      return 1;
    case "param":
      return 2;
    case undefined:
      return 3;
  }
}
