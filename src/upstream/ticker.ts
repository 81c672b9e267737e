/** Something with time limits of its own. */
export interface Ticking {
  tick(elapsedMs: number, now: number): void;
}

const INTERVAL_MS = 100;
const members = new Set<Ticking>();
let timer: ReturnType<typeof setInterval> | undefined;
let last = 0;

/** Milliseconds of `performance.now()`, as of the last tick: the clock costs as much as a look-up. */
export let tickTime = performance.now();

/** One coarse timer for all backends, which runs only while there is something to time. */
export function startTicking(member: Ticking): void {
  members.add(member);
  if (timer !== undefined) return;
  last = tickTime = performance.now();
  timer = setInterval(() => {
    tickTime = performance.now();
    const elapsed = tickTime - last;
    last = tickTime;
    for (const one of members) one.tick(elapsed, tickTime);
  }, INTERVAL_MS);
  // What is open keeps a program alive by itself.
  timer.unref();
}

export function stopTicking(member: Ticking): void {
  members.delete(member);
  if (members.size > 0 || timer === undefined) return;
  clearInterval(timer);
  timer = undefined;
}
