/** Content codings this server can make or find (RFC 9110 8.4.1, RFC 7932, RFC 8878). */
export type ContentCoding = "br" | "zstd" | "gzip" | "deflate";

export const CODINGS: readonly ContentCoding[] = ["br", "zstd", "gzip", "deflate"];

/** What an `Accept-Encoding` field allows. */
export interface Acceptance {
  /** Codings worth using, best first: those the client likes at least as much as plain bytes. */
  readonly preferred: readonly ContentCoding[];
  /** Codings it takes but likes less than plain bytes, best first. */
  readonly tolerated: readonly ContentCoding[];
  /** Whether plain bytes are acceptable. */
  readonly identity: boolean;
}

const NOTHING_SAID: Acceptance = { preferred: [], tolerated: [], identity: true };
const MEMBER =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/**
 * Reads an `Accept-Encoding` field (RFC 9110 12.5.3). Without one plain bytes are sent: anything would be
 * acceptable, but a client that says nothing may not decode anything.
 * @param order which coding wins where the client likes several equally, best first
 */
export function parseAcceptEncoding(
  field: string | undefined,
  order: readonly ContentCoding[] = CODINGS,
): Acceptance {
  if (field === undefined) return NOTHING_SAID;
  const weights = new Map<string, number>();
  for (const part of field.split(",")) {
    const found = MEMBER.exec(part.trim());
    if (found === null) continue;
    const name = alias((found[1] as string).toLowerCase());
    weights.set(name, found[2] === undefined ? 1 : Number(found[2]));
  }
  const any = weights.get("*");
  const weightOf = (coding: ContentCoding): number => weights.get(coding) ?? any ?? 0;
  const plain = weights.get("identity") ?? (any === 0 ? 0 : undefined);
  const byWeight = order
    .filter((coding) => weightOf(coding) > 0)
    .toSorted((a, b) => weightOf(b) - weightOf(a));
  // Unless it is named, identity is acceptable but the least preferred.
  const least = plain ?? 0;
  return {
    preferred: byWeight.filter((coding) => weightOf(coding) >= least),
    tolerated: byWeight.filter((coding) => weightOf(coding) < least),
    identity: plain !== 0,
  };
}

/** RFC 9110 8.4.1.3: `x-gzip` is `gzip`. */
function alias(name: string): string {
  return name === "x-gzip" ? "gzip" : name;
}

/** Keeps what was parsed: clients send a handful of different fields, over and over. */
export class AcceptanceCache {
  readonly #known = new Map<string, Acceptance>();
  readonly #order: readonly ContentCoding[];

  constructor(order: readonly ContentCoding[] = CODINGS) {
    this.#order = order;
  }

  get(field: string | undefined): Acceptance {
    if (field === undefined) return NOTHING_SAID;
    const known = this.#known.get(field);
    if (known !== undefined) return known;
    const parsed = parseAcceptEncoding(field, this.#order);
    // Bounded, so that made-up fields cannot fill memory.
    if (this.#known.size >= 256) this.#known.clear();
    if (field.length <= 256) this.#known.set(field, parsed);
    return parsed;
  }
}
