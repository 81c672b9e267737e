import type { FileSlice, Source } from "../../../wire/source.ts";
import { MemoryFile } from "../../../runtime/memory-file.ts";

/** From this size on it is cheaper to let the system move the bytes than to copy them. */
const MIN_BYTES = 32 * 1024;

/** null: none could be made. */
const files = new WeakMap<Uint8Array, MemoryFile | null>();

/**
 * The bytes of a body that is the same for every request as a file that the system can send.
 * @returns undefined when they are too few for that, or the system cannot
 */
export function constantFile(bytes: Uint8Array): MemoryFile | undefined {
  if (bytes.byteLength < MIN_BYTES) return undefined;
  let file = files.get(bytes);
  if (file === undefined) {
    file = MemoryFile.of(bytes) ?? null;
    files.set(bytes, file);
  }
  return file ?? undefined;
}

/** What is left of a constant body behind the bytes that were sent at once. */
export class ConstantSource implements Source {
  readonly size: number;
  readonly file: FileSlice;
  /** Keeps the descriptor open while it is being sent. */
  readonly owner: MemoryFile;
  #left: Uint8Array | null;

  constructor(bytes: Uint8Array, owner: MemoryFile, position: number) {
    this.size = bytes.byteLength - position;
    this.owner = owner;
    this.file = { fd: owner.fd, position, end: owner.size };
    this.#left = bytes.subarray(position);
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
