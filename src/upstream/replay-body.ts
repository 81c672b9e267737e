import type { HeaderList } from "../http/header-list.ts";
import type { Source } from "../wire/source.ts";

/**
 * A body that can be sent again. What an attempt pulls is kept, up to a number of bytes; {@link ReplayBody.attempt}
 * gives the next attempt what was kept, and then the rest.
 *
 * Attempts come one after another: each owns the Source it was given, and cancels it or pulls it to its end.
 */
export class ReplayBody {
  readonly #source: Source;
  readonly #limit: number;
  #kept: Uint8Array[] | undefined = [];
  #bytes = 0;
  #ended = false;
  #failed = false;
  #attempt: AttemptBody | undefined;
  /** The pull of an attempt that was given up before it was answered. */
  #pulling: Promise<Uint8Array | null> | undefined;
  #closed = false;

  /** @param limit bytes that are kept; a body known to be longer is not kept at all */
  constructor(source: Source, limit: number) {
    this.#source = source;
    this.#limit = limit;
    if ((source.size ?? 0) > limit) this.#kept = undefined;
  }

  /** Why it broke off, if it did: that may be while no attempt has it, too. */
  failure: unknown;

  /** Whether a further attempt would send all of it: either all that was pulled is kept, or nothing was. */
  get replayable(): boolean {
    return !this.#closed && !this.#failed && (this.#kept !== undefined || !this.#touched);
  }

  #touched = false;

  /** Bytes that are kept now. */
  get keptBytes(): number {
    return this.#kept === undefined ? 0 : this.#bytes;
  }

  /**
   * The body from its beginning. The one of the attempt before gives nothing any more.
   * @throws Error when it is not replayable
   */
  attempt(): Source {
    if (!this.replayable) throw new Error("the body was not kept and cannot be sent again");
    this.#attempt = new AttemptBody(this);
    return this.#attempt;
  }

  /** No further attempt will come: what was kept is let go as it is sent, and nothing more is kept. */
  settle(): void {
    this.#closed = true;
    // What the running attempt has not pulled again yet is still needed.
    if (this.#kept !== undefined && this.#attempt?.hasAll(this.#kept) !== false) this.#drop();
  }

  /** Gives the body up altogether. */
  cancel(reason?: unknown): void {
    this.#closed = true;
    this.#attempt = undefined;
    this.#drop();
    if (!this.#ended) this.#source.cancel(reason);
    this.#ended = true;
  }

  #drop(): void {
    this.#kept = undefined;
    this.#bytes = 0;
  }

  /** Of an attempt only. */
  get source(): Source {
    return this.#source;
  }

  /** Of an attempt only: chunk number `index`, from what was kept or from the source. */
  pull(attempt: AttemptBody, index: number): Uint8Array | null | Promise<Uint8Array | null> {
    if (attempt !== this.#attempt) throw new Error("another attempt has taken the body over");
    const again = this.#kept?.[index];
    if (again !== undefined) {
      if (this.#closed && index === (this.#kept as Uint8Array[]).length - 1) this.#drop();
      return again;
    }
    if (this.#ended) return null;
    this.#touched = true;
    if (this.#pulling !== undefined) {
      // It belongs to an attempt that is over: its chunk is the one that comes next, kept or not.
      return this.#pulling.then((chunk) => {
        if (attempt === this.#attempt) return chunk;
        throw new Error("another attempt has taken the body over");
      });
    }
    let chunk: Uint8Array | null | Promise<Uint8Array | null>;
    try {
      chunk = this.#source.pull();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    if (!(chunk instanceof Promise)) return this.#keep(chunk);
    this.#pulling = chunk.then(
      (pulled) => {
        this.#pulling = undefined;
        return this.#keep(pulled);
      },
      (error: unknown) => {
        this.#pulling = undefined;
        this.#fail(error);
        throw error;
      },
    );
    return this.#pulling;
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.failure = error;
  }

  #keep(chunk: Uint8Array | null): Uint8Array | null {
    if (chunk === null) {
      this.#ended = true;
      return null;
    }
    if (this.#kept === undefined || this.#closed) return chunk;
    // One that comes between two attempts is kept whatever its size: the next one was promised all of it.
    if (this.#attempt !== undefined && this.#bytes + chunk.byteLength > this.#limit) {
      this.#drop();
      return chunk;
    }
    // The chunk is the source's own from the next pull on. Not slice(): a Buffer's is a view.
    const copy = new Uint8Array(chunk);
    this.#kept.push(copy);
    this.#bytes += copy.byteLength;
    return copy;
  }

  /** Of an attempt only: it gives up. The source is kept for a further one, unless there can be none. */
  abandon(attempt: AttemptBody, reason: unknown): void {
    if (attempt !== this.#attempt) return;
    this.#attempt = undefined;
    if (!this.replayable) this.cancel(reason);
  }
}

class AttemptBody implements Source {
  readonly size: number | undefined;
  readonly #body: ReplayBody;
  #index = 0;

  constructor(body: ReplayBody) {
    this.#body = body;
    this.size = body.source.size;
  }

  get trailers(): HeaderList | undefined {
    return this.#body.source.trailers;
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    return this.#body.pull(this, this.#index++);
  }

  cancel(reason?: unknown): void {
    this.#body.abandon(this, reason);
  }

  peerEnded(): void {
    this.#body.source.peerEnded?.();
  }

  /** Whether it has been given everything that is kept. */
  hasAll(kept: readonly Uint8Array[]): boolean {
    return this.#index >= kept.length;
  }
}
