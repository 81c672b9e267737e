/** Milliseconds from any fixed point, never going back: `performance.now` is one. */
export type Clock = () => number;

/** Runs something once after a time, in milliseconds. What it gives takes that back; harmless when it has run. */
export type Schedule = (run: () => void, ms: number) => () => void;

/** The machine's. What waits does not keep the process alive. */
export const schedule: Schedule = (run, ms) => {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
};
