/** How long what the two clocks differ by is taken for the same, so that a step of the wall clock is followed. */
const TRUSTED_MS = 1_000;

let difference = 0;
let readAt = -Infinity;

/**
 * Milliseconds since 1970 of a moment that has just been: reading the wall clock too, for every request, would
 * cost as much as writing a quarter of its line in the log.
 * @param moment milliseconds of `performance.now()`
 */
export function wallTime(moment: number): number {
  if (!(moment - readAt < TRUSTED_MS)) {
    readAt = moment;
    difference = Date.now() - performance.now();
  }
  return Math.floor(moment + difference);
}
