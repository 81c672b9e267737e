import type { HeaderList } from "../http/header-list.ts";

/**
 * A body to pull: the one way bytes move through the house, in both directions.
 *
 * Nothing is read ahead of a pull beyond what the transport already delivered, so backpressure is the
 * caller's pace. Exactly one party owns a Source; it either pulls it to its end or cancels it.
 */
export interface Source {
  /** Bytes in all when known before the first pull, else undefined. */
  readonly size: number | undefined;
  /**
   * The next chunk (never empty), or null at the end. May answer at once or with a promise; one pull at a
   * time. A chunk belongs to the caller only until its next pull: copy what must live longer.
   * @throws (or rejects) when the body cannot be completed; it is then released.
   */
  pull(): Uint8Array | null | Promise<Uint8Array | null>;
  /** Gives the body up and frees what it holds at the other end. Idempotent; harmless after the end. */
  cancel(reason?: unknown): void;
  /**
   * Told when the peer that this is sent to has ended its own side of the connection: it asks for nothing more,
   * and mostly is gone. A source that would go on without an end may end.
   */
  peerEnded?(): void;
  /** Told that this is one side of a conversation: its sender pauses when it has nothing to say, and is not slow. */
  mayPause?(): void;
  /** Trailer fields, present once `pull` has answered null. */
  readonly trailers?: HeaderList | undefined;
  /**
   * The slice of an open file that this is, as long as nothing was pulled. A transport may move bytes from
   * the file itself and note that in {@link FileSlice.position}; what it leaves can still be pulled.
   */
  readonly file?: FileSlice | undefined;
}

/** Part of an open file. */
export interface FileSlice {
  readonly fd: number;
  /** Where the bytes that are still to go begin. */
  position: number;
  /** Behind the last byte. */
  readonly end: number;
}

/** A Source over chunks already in memory or an async iterable; iteration stops when it is cancelled. */
export function sourceFrom(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  size?: number,
): Source {
  const iterator =
    Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  return {
    size,
    async pull() {
      for (;;) {
        const next = await iterator.next();
        if (next.done) return null;
        const chunk = toBytes(next.value);
        if (chunk === undefined) {
          this.cancel();
          throw notBytes(next.value);
        }
        if (chunk.byteLength > 0) return chunk;
      }
    },
    cancel() {
      // A generator that is awaiting answers return() only after it settles; nobody waits for it.
      void (async () => iterator.return?.())().catch(() => {});
    },
  };
}

const encoder = new TextEncoder();

/** Not every caller has types, and what is neither would be a body that is empty, or never ends. */
function toBytes(chunk: unknown): Uint8Array | undefined {
  if (typeof chunk === "string") return encoder.encode(chunk);
  return chunk instanceof Uint8Array ? chunk : undefined;
}

function notBytes(chunk: unknown): TypeError {
  const what = chunk === null ? "null" : typeof chunk;
  return new TypeError(
    `a body is made of text or bytes (Uint8Array), and a chunk of it is ${what}`,
  );
}

/** A Source over a web stream, as a wrapped `Response` has it. */
export function sourceFromStream(stream: ReadableStream<Uint8Array>, size?: number): Source {
  const reader = stream.getReader();
  return {
    size,
    async pull() {
      for (;;) {
        const next = await reader.read();
        if (next.done) return null;
        const chunk = toBytes(next.value);
        if (chunk === undefined) {
          const error = notBytes(next.value);
          this.cancel(error);
          throw error;
        }
        if (chunk.byteLength > 0) return chunk;
      }
    },
    cancel(reason) {
      void reader.cancel(reason).catch(() => {});
    },
  };
}

/** A web stream over a Source, pulled only as fast as the stream is read. */
export function streamFromSource(source: Source): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await source.pull();
        if (chunk === null) controller.close();
        else controller.enqueue(new Uint8Array(chunk));
      },
      cancel(reason) {
        source.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Reads a Source to its end. @throws RangeError past `limit` bytes; the source is cancelled. */
export async function readAll(source: Source, limit = Infinity): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await source.pull(); chunk !== null; chunk = await source.pull()) {
    size += chunk.byteLength;
    if (size > limit) {
      source.cancel();
      throw new RangeError(`body is larger than ${limit} bytes`);
    }
    // Not slice(): a Buffer's is a view.
    chunks.push(new Uint8Array(chunk));
  }
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}
