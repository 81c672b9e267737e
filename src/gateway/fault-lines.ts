/** How long what goes on is only counted. */
const QUIET_MS = 10_000;

interface Kind {
  more: number;
  timer: ReturnType<typeof setTimeout>;
}

/**
 * Lines for what may happen thousands of times a second: the first of a kind is told at once, those that follow
 * are counted and told as a number each ten seconds, until there are none.
 */
export class FaultLines {
  readonly #kinds = new Map<string, Kind>();
  readonly #quietMs: number;

  constructor(quietMs: number = QUIET_MS) {
    this.#quietMs = quietMs;
  }

  /**
   * @param kind there must be few of them
   * @param write makes the line; `more` is how many there were since the last one, undefined for the first
   */
  add(kind: string, write: (more?: number) => void): void {
    const known = this.#kinds.get(kind);
    if (known !== undefined) {
      known.more++;
      return;
    }
    write();
    const timer = setInterval(() => {
      const { more } = entry;
      entry.more = 0;
      if (more > 0) {
        write(more);
        return;
      }
      clearInterval(timer);
      this.#kinds.delete(kind);
    }, this.#quietMs);
    timer.unref();
    const entry: Kind = { more: 0, timer };
    this.#kinds.set(kind, entry);
  }

  /** Counts no more. */
  close(): void {
    for (const { timer } of this.#kinds.values()) clearInterval(timer);
    this.#kinds.clear();
  }
}
