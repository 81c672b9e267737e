import type { Source } from "./source.ts";

/** A body that is handed on, with all that is told of it and to it: for those that change or watch a part of that. */
export class PassedSource implements Source {
  protected readonly source: Source;

  constructor(source: Source) {
    this.source = source;
  }

  get size(): number | undefined {
    return this.source.size;
  }

  get trailers(): Source["trailers"] {
    return this.source.trailers;
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    return this.source.pull();
  }

  cancel(reason?: unknown): void {
    this.source.cancel(reason);
  }

  peerEnded(): void {
    this.source.peerEnded?.();
  }

  mayPause(): void {
    this.source.mayPause?.();
  }
}
