/**
 * Whether so few backends are well that all are asked (panic mode): when most seem down, the few that are left
 * would fall under the load of all, and more often it is the judgement that is wrong.
 *
 * @param available backends that are healthy and not ejected
 * @param threshold the least share of them, 0 to 1; 0 = never panic
 */
export function inPanic(available: number, total: number, threshold: number): boolean {
  return total > 0 && available < total * threshold;
}
