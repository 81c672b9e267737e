import { HeaderList } from "../../http/header-list.ts";
import { UpstreamFault } from "../../upstream/fault.ts";
import type { Source } from "../../wire/source.ts";
import { faultFields } from "./grpc-error.ts";

/** Messages of an answer. When the backend breaks off they end with a status that says so. */
export class GrpcContent implements Source {
  readonly size = undefined;
  readonly #source: Source;
  #fault: UpstreamFault | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  get trailers(): HeaderList | undefined {
    if (this.#fault === undefined) return this.#source.trailers;
    return new HeaderList(faultFields(this.#fault));
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    try {
      const next = this.#source.pull();
      return next instanceof Promise ? next.catch(this.#end) : next;
    } catch (error) {
      return this.#end(error);
    }
  }

  readonly #end = (error: unknown): null => {
    if (!(error instanceof UpstreamFault)) throw error;
    this.#fault = error;
    return null;
  };

  cancel(reason?: unknown): void {
    this.#source.cancel(reason);
  }
}
