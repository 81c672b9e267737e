/** How far {@link coarseNow} may lag behind, in milliseconds. */
export const COARSE_STEP = 50;

let now = 0;
let asked = false;
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * `performance.now()` as of at most one step ago, for reading on every request: reading the real clock costs
 * a percent of a small request. The timer behind it stops by itself when nobody asks, and never keeps a
 * process alive.
 */
export function coarseNow(): number {
  asked = true;
  if (timer === undefined) start();
  return now;
}

function start(): void {
  now = performance.now();
  timer = setInterval(step, COARSE_STEP);
  (timer as { unref?: () => void }).unref?.();
}

function step(): void {
  now = performance.now();
  if (!asked) {
    clearInterval(timer);
    timer = undefined;
  }
  asked = false;
}
