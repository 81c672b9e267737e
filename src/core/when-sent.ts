import type { Reply } from "./reply.ts";
import { isSource } from "./reply.ts";
import type { Source } from "../wire/source.ts";

/** The same reply, and a call once its body has been pulled to its end, failed or was given up. */
export function whenSent(reply: Reply, over: () => void): Reply {
  if (!isSource(reply.body)) {
    over();
    return reply;
  }
  reply.body = new ObservedSource(reply.body, over);
  return reply;
}

class ObservedSource implements Source {
  readonly size: number | undefined;
  readonly #source: Source;
  #over: (() => void) | undefined;

  constructor(source: Source, over: () => void) {
    this.size = source.size;
    this.#source = source;
    this.#over = over;
  }

  get trailers(): Source["trailers"] {
    return this.#source.trailers;
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    try {
      const chunk = this.#source.pull();
      if (chunk instanceof Promise)
        return chunk.then(
          (next) => this.#seen(next),
          (error) => this.#failed(error),
        );
      return this.#seen(chunk);
    } catch (error) {
      return this.#failed(error);
    }
  }

  cancel(reason?: unknown): void {
    this.#source.cancel(reason);
    this.#end();
  }

  #seen(chunk: Uint8Array | null): Uint8Array | null {
    if (chunk === null) this.#end();
    return chunk;
  }

  #failed(error: unknown): never {
    this.#end();
    throw error;
  }

  #end(): void {
    const over = this.#over;
    this.#over = undefined;
    over?.();
  }
}
