import type { Reply } from "./reply.ts";
import { isSource } from "./reply.ts";
import type { Source } from "../wire/source.ts";

/**
 * The same reply, and a call once its body has been pulled to its end, failed or was given up.
 * @param over told how many bytes a streamed body came to, and why it did not come to its end if it did not
 */
export function whenSent(
  reply: Reply,
  over: (streamed: number, cutShort?: { readonly reason: unknown }) => void,
): Reply {
  if (!isSource(reply.body)) {
    over(0);
    return reply;
  }
  reply.body = new ObservedSource(reply.body, over);
  return reply;
}

class ObservedSource implements Source {
  readonly size: number | undefined;
  readonly #source: Source;
  #over: Parameters<typeof whenSent>[1] | undefined;
  #bytes = 0;

  constructor(source: Source, over: Parameters<typeof whenSent>[1]) {
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
    this.#end({ reason });
  }

  #seen(chunk: Uint8Array | null): Uint8Array | null {
    if (chunk === null) this.#end();
    else this.#bytes += chunk.length;
    return chunk;
  }

  #failed(error: unknown): never {
    this.#end({ reason: error });
    throw error;
  }

  #end(cutShort?: { readonly reason: unknown }): void {
    const over = this.#over;
    this.#over = undefined;
    over?.(this.#bytes, cutShort);
  }
}
