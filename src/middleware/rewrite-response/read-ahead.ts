import type { Source } from "../../wire/source.ts";

/** All of a source, if it has no more than so many bytes; else a source of all of it, with what was read already. */
export async function readAhead(source: Source, limit: number): Promise<Uint8Array | Source> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= limit) {
    const chunk = await source.pull();
    if (chunk === null) return joined(chunks, size);
    // A chunk is its source's again at the next pull.
    chunks.push(new Uint8Array(chunk));
    size += chunk.byteLength;
  }
  return new Resumed(chunks, source);
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** What was read, then the rest. */
class Resumed implements Source {
  readonly size: number | undefined;
  readonly #read: Uint8Array[];
  readonly #rest: Source;

  constructor(read: Uint8Array[], rest: Source) {
    this.size = rest.size;
    this.#read = read;
    this.#rest = rest;
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    return this.#read.shift() ?? this.#rest.pull();
  }

  cancel(reason?: unknown): void {
    this.#read.length = 0;
    this.#rest.cancel(reason);
  }

  get trailers(): Source["trailers"] {
    return this.#rest.trailers;
  }
}
