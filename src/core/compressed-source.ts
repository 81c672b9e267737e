import type { Compressor } from "../runtime/platform.ts";
import type { Source } from "../wire/source.ts";

/** A source of the compressed bytes of `source`. Its size is not known before its end. */
export class CompressedSource implements Source {
  readonly size = undefined;
  readonly #source: Source;
  readonly #compressor: Compressor;
  readonly #flush: boolean;
  #ready: readonly Uint8Array[] = [];
  #next = 0;
  #ended = false;

  /** @param flush press out every chunk at once, for sources that trickle (events, long answers) */
  constructor(source: Source, compressor: Compressor, flush = false) {
    this.#source = source;
    this.#compressor = compressor;
    this.#flush = flush;
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    if (this.#next < this.#ready.length) return this.#ready[this.#next++] as Uint8Array;
    return this.#ended ? null : this.#work();
  }

  cancel(reason?: unknown): void {
    this.#ended = true;
    this.#ready = [];
    this.#source.cancel(reason);
    this.#compressor.close();
  }

  get trailers(): Source["trailers"] {
    return this.#source.trailers;
  }

  async #work(): Promise<Uint8Array | null> {
    try {
      while (!this.#ended) {
        const chunk = await this.#source.pull();
        if (this.#ended) return null;
        if (chunk === null) {
          this.#ended = true;
          this.#take(await this.#compressor.end());
          this.#compressor.close();
        } else {
          const out = await this.#compressor.write(chunk);
          this.#take(this.#flush ? [...out, ...(await this.#compressor.flush())] : out);
        }
        if (this.#ready.length > 0) return this.#ready[this.#next++] as Uint8Array;
      }
      return null;
    } catch (error) {
      this.cancel(error);
      throw error;
    }
  }

  #take(pieces: readonly Uint8Array[]): void {
    this.#ready = pieces;
    this.#next = 0;
  }
}
