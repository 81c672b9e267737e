/** What may be taken out of use at a time known beforehand, so that a new one can take its place meanwhile. */
export interface Expiring {
  /** When it stops being good: a `Date`, or text such as `"2030-01-31"` or `"2030-01-31T12:00:00Z"`. */
  readonly validUntil?: Date | string;
}

/** Milliseconds since 1970; Infinity when there is no end. @throws TypeError when it is no time */
export function endOf({ validUntil }: Expiring): number {
  if (validUntil === undefined) return Number.POSITIVE_INFINITY;
  const end = new Date(validUntil).getTime();
  if (Number.isNaN(end)) {
    throw new TypeError(`validUntil ${JSON.stringify(validUntil)}: use a Date or an ISO 8601 time`);
  }
  return end;
}
