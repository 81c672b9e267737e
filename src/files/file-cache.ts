import type { Entry } from "./entry.ts";

/**
 * Entries by canonical path, within a budget of bytes. What was not used since the last round goes first
 * (second chance), so a hit costs one look-up and one flag.
 */
export class FileCache {
  readonly #entries = new Map<string, Entry>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  set(key: string, entry: Entry): void {
    this.delete(key);
    entry.weight += key.length * 2;
    if (entry.weight > this.#maxBytes) return;
    this.#entries.set(key, entry);
    this.#bytes += entry.weight;
    entry.grew = (by) => {
      this.#bytes += by;
      this.#shrink();
    };
    this.#shrink();
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.weight;
    entry.grew = undefined;
  }

  #shrink(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      if (entry.used) {
        entry.used = false;
        // Iteration meets it again at the end.
        this.#entries.delete(key);
        this.#entries.set(key, entry);
      } else this.delete(key);
    }
  }
}
