import type { FileSlice, Source } from "../../../core/source.ts";
import { MemoryFile } from "../../../runtime/memory-file.ts";

/** From this size on it is cheaper to let the system move the bytes than to copy them. */
const MIN_BYTES = 32 * 1024;

/** null: none could be made. */
const files = new WeakMap<Uint8Array, MemoryFile | null>();

/**
 * A body that is the same for every request, as a source whose bytes can be sent by the system.
 * @returns undefined when it is too small for that, or the system cannot
 */
export function constantBody(bytes: Uint8Array): Source | undefined {
  if (bytes.byteLength < MIN_BYTES) return undefined;
  let file = files.get(bytes);
  if (file === undefined) {
    file = MemoryFile.of(bytes) ?? null;
    files.set(bytes, file);
  }
  return file === null ? undefined : new ConstantSource(bytes, file);
}

class ConstantSource implements Source {
  readonly size: number;
  readonly file: FileSlice;
  /** Keeps the descriptor open while it is being sent. */
  readonly owner: MemoryFile;
  #left: Uint8Array | null;

  constructor(bytes: Uint8Array, owner: MemoryFile) {
    this.size = bytes.byteLength;
    this.owner = owner;
    this.file = { fd: owner.fd, position: 0, end: owner.size };
    this.#left = bytes;
  }

  pull(): Uint8Array | null {
    const left = this.#left;
    this.#left = null;
    return left;
  }

  cancel(): void {
    this.#left = null;
  }
}
