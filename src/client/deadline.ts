/** The reason of a signal whose time is up. */
export class TimeIsUp extends Error {
  constructor(what: string, ms: number) {
    super(`${what} took longer than ${ms} ms`);
    this.name = "TimeoutError";
  }
}

/** A time limit beside a caller's own signal. End it, or its timer keeps the process. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param ms 0 = none */
  constructor(what: string, ms: number, signals: readonly (AbortSignal | undefined)[]) {
    const controller = new AbortController();
    const all = signals.filter((signal) => signal !== undefined);
    this.signal =
      all.length === 0 ? controller.signal : AbortSignal.any([...all, controller.signal]);
    if (ms > 0) this.#timer = setTimeout(() => controller.abort(new TimeIsUp(what, ms)), ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** What a promise comes to, unless the signal is first; for what does not listen to signals itself. */
export function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) {
      promise.catch(() => {});
      return abort();
    }
    signal.addEventListener("abort", abort, { once: true });
    const settled = (): void => signal.removeEventListener("abort", abort);
    promise.then(
      (value) => {
        settled();
        resolve(value);
      },
      (error: unknown) => {
        settled();
        // Some runtimes tell of an aborted fetch by an error of their own.
        reject((signal.aborted ? signal.reason : error) as Error);
      },
    );
  });
}

/** @throws the signal's reason when it is first */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const waiting = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return unlessAborted(signal, waiting).finally(() => clearTimeout(timer));
}
