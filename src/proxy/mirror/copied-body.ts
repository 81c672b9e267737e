import { PassedSource } from "../../wire/passed-source.ts";
import type { Source } from "../../wire/source.ts";
import type { DropReason } from "./mirror-counts.ts";

/** Is told once how a copy ended: with all its bytes, or with why there is none. */
export type CopyEnd = (copy: Uint8Array | DropReason) => void;

/** A body that keeps a copy of what is pulled from it, up to a limit, at the pace of whoever pulls. */
export class CopiedBody extends PassedSource {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #end: CopyEnd | undefined;
  /** Called when there is nothing more to wait for. */
  onEnd: (() => void) | undefined;

  /** @param limit in bytes, not less than the size that is known */
  constructor(source: Source, limit: number, end: CopyEnd) {
    super(source);
    this.#limit = limit;
    this.#end = end;
  }

  /** Whether it was told how the copy ended. */
  get ended(): boolean {
    return this.#end === undefined;
  }

  override pull(): Uint8Array | null | Promise<Uint8Array | null> {
    if (this.#end === undefined) return this.source.pull();
    try {
      const chunk = this.source.pull();
      if (!(chunk instanceof Promise)) return this.#took(chunk);
      return chunk.then(this.#took, this.#failed);
    } catch (error) {
      return this.#failed(error);
    }
  }

  override cancel(reason?: unknown): void {
    this.forget();
    super.cancel(reason);
  }

  /** Makes no copy if there is none yet; the body itself goes on. */
  forget(): void {
    this.#drop("incomplete");
  }

  readonly #took = (chunk: Uint8Array | null): Uint8Array | null => {
    if (chunk === null) this.#finish();
    else if (this.#length + chunk.byteLength > this.#limit) this.#drop("too_large");
    else if (this.#end !== undefined) {
      // A chunk is only lent. Not slice(): a Buffer's is a view.
      this.#chunks.push(new Uint8Array(chunk));
      this.#length += chunk.byteLength;
      if (this.#length === this.size) this.#finish();
    }
    return chunk;
  };

  readonly #failed = (error: unknown): never => {
    this.#drop("incomplete");
    throw error;
  };

  #finish(): void {
    if (this.#end === undefined) return;
    const all = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, offset);
      offset += chunk.byteLength;
    }
    this.#tell(all);
  }

  #drop(reason: DropReason): void {
    this.#tell(reason);
  }

  #tell(copy: Uint8Array | DropReason): void {
    const end = this.#end;
    this.#end = undefined;
    this.#chunks = [];
    if (end === undefined) return;
    this.onEnd?.();
    end(copy);
  }
}
