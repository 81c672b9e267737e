/** A piece of work for the handlers of one socket. */
type Job = () => unknown;

/**
 * Handlers of one socket, one after the other: while one is waited for, what comes next waits here, and
 * beyond a number of bytes nothing more is read from the peer.
 */
export class Inbox {
  readonly #limit: number;
  readonly #onError: (error: unknown) => void;
  #jobs: { run: Job; bytes: number }[] = [];
  #bytes = 0;
  #busy = false;
  #room: (() => void) | undefined;

  /** @param limit bytes that may wait */
  constructor(limit: number, onError: (error: unknown) => void) {
    this.#limit = limit;
    this.#onError = onError;
  }

  get full(): boolean {
    return this.#bytes > this.#limit;
  }

  /** Runs a job at once, or once those before it are done. */
  run(run: Job, bytes: number): void {
    if (this.#busy) {
      // An empty message takes room too.
      const cost = bytes + 64;
      this.#jobs.push({ run, bytes: cost });
      this.#bytes += cost;
      return;
    }
    const running = this.#start(run);
    if (running !== undefined) void this.#finish(running);
  }

  /** Resolves when there is room again. One waits at a time. */
  room(): Promise<void> {
    if (!this.full) return Promise.resolve();
    return new Promise((resolve) => (this.#room = resolve));
  }

  #start(run: Job): Promise<unknown> | undefined {
    this.#busy = true;
    try {
      const running = run();
      if (running instanceof Promise) return running;
    } catch (error) {
      this.#onError(error);
    }
    this.#busy = false;
    return undefined;
  }

  async #finish(first: Promise<unknown>): Promise<void> {
    let running: Promise<unknown> | undefined = first;
    for (;;) {
      if (running !== undefined) {
        try {
          await running;
        } catch (error) {
          this.#onError(error);
        }
        this.#busy = false;
      }
      const next = this.#jobs.shift();
      if (next === undefined) return;
      this.#bytes -= next.bytes;
      if (!this.full) {
        this.#room?.();
        this.#room = undefined;
      }
      running = this.#start(next.run);
    }
  }
}
