/** What one key has come to. Whoever counts changes `current`. */
export interface WindowCount {
  current: number;
  /** In the window before this one. */
  readonly before: number;
}

/**
 * Counts of a window of time and of the one before it. What is older goes as a whole, so that no count needs an end
 * of its own and asking for one is one look-up.
 */
export class WindowCounters {
  readonly #maxKeys: number;
  #index = 0;
  #current = new Map<string, WindowCount>();
  #last: ReadonlyMap<string, WindowCount> = new Map();

  /** @param maxKeys of one window; beyond so many the one that was counted first is forgotten */
  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /** Keys that are held. */
  get size(): number {
    return this.#current.size + this.#last.size;
  }

  /** The count of a key, from now on. @param index of the window: a clock that is set back begins anew */
  at(index: number, key: string): WindowCount {
    if (index !== this.#index) this.#turn(index);
    return this.#current.get(key) ?? this.#begin(key);
  }

  #turn(index: number): void {
    this.#last = index === this.#index + 1 ? this.#current : new Map();
    this.#current = new Map();
    this.#index = index;
  }

  #begin(key: string): WindowCount {
    const count = { current: 0, before: this.#last.get(key)?.current ?? 0 };
    const counts = this.#current.set(key, count);
    if (counts.size > this.#maxKeys) counts.delete(counts.keys().next().value as string);
    return count;
  }
}
