import type { TouchedPages } from "../../runtime/touched-pages.ts";
import type { GuestLayout } from "./guest-spec.ts";

/** From so many bytes on it is worth asking which pages were touched. */
const SPARSE_BYTES = 192 * 1024;
/** Bytes that are looked at together: no page is smaller. */
const BLOCK = 4096;

/** A part of memory that is not all zero. */
interface Extent {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Memory and mutable globals of an instance, as they were when it was ready for its first call. */
export class Snapshot {
  /** Bytes of memory at that time. */
  readonly size: number;
  readonly #extents: readonly Extent[];
  readonly #globals: readonly unknown[];
  readonly #pages: TouchedPages | undefined;

  constructor(
    memory: Uint8Array | undefined,
    globals: readonly WebAssembly.Global[],
    pages: TouchedPages | undefined,
  ) {
    this.size = memory?.byteLength ?? 0;
    this.#pages = this.size < SPARSE_BYTES ? undefined : pages;
    this.#extents = memory === undefined ? [] : extentsOf(memory, this.#touched(memory));
    this.#globals = globals.map((global) => global.value as unknown);
  }

  /** Where it may be something else than zero: from and to by turns. */
  #touched(memory: Uint8Array): number[] {
    return this.#pages?.ranges(memory) ?? [0, memory.byteLength];
  }

  /** Puts all back into the memory it was taken of, which has not grown. */
  restoreMemory(memory: Uint8Array): void {
    // Zeroing is cheaper than copying zeros: nothing is read.
    zeroBetween(memory, this.#touched(memory), this.#extents);
    for (const { at, bytes } of this.#extents) memory.set(bytes, at);
  }

  /** The same where nothing was written but between two addresses. */
  restoreRange(memory: Uint8Array, from: number, to: number): void {
    zeroBetween(memory, [from, to], this.#extents);
    for (const { at, bytes } of this.#extents) {
      if (at < to && at + bytes.byteLength > from) memory.set(bytes, at);
    }
  }

  restoreGlobals(globals: readonly WebAssembly.Global[]): void {
    for (let i = 0; i < globals.length; i++) {
      (globals[i] as WebAssembly.Global).value = this.#globals[i] as never;
    }
  }
}

/**
 * Zeroes what lies in the ranges and in none of the extents. Both are in order, and each is looked at once: a guest
 * can make many.
 */
function zeroBetween(
  memory: Uint8Array,
  ranges: readonly number[],
  extents: readonly Extent[],
): void {
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    let from = ranges[i] as number;
    const to = ranges[i + 1] as number;
    for (; next < extents.length; next++) {
      const { at, bytes } = extents[next] as Extent;
      if (at >= to) break;
      if (at > from) memory.fill(0, from, at);
      from = Math.max(from, at + bytes.byteLength);
      // It goes on in the next range.
      if (from > to) break;
    }
    if (from < to) memory.fill(0, from, to);
  }
}

function extentsOf(memory: Uint8Array, ranges: readonly number[]): Extent[] {
  // Not even read is what nobody has touched: the system would have to give it.
  const extents: Extent[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    extents.push(...extentsWithin(memory, ranges[i] as number, ranges[i + 1] as number));
  }
  return extents;
}

function extentsWithin(memory: Uint8Array, begin: number, end: number): Extent[] {
  const extents: Extent[] = [];
  let from = -1;
  for (let at = begin; at <= end; at += BLOCK) {
    const used = at < end && !isZero(memory, at, Math.min(at + BLOCK, end));
    if (used && from < 0) from = at;
    else if (!used && from >= 0) {
      extents.push({ at: from, bytes: memory.slice(from, at) });
      from = -1;
    }
  }
  return extents;
}

function isZero(memory: Uint8Array, from: number, to: number): boolean {
  // A page of WebAssembly is a multiple of eight bytes, and so is a block.
  const words = new BigUint64Array(memory.buffer, memory.byteOffset + from, (to - from) >> 3);
  return words.every((word) => word === 0n);
}

/** The mutable globals that can be read and written from here. */
export function snapshotGlobals(
  exports: WebAssembly.Exports,
  { globals }: GuestLayout,
): WebAssembly.Global[] {
  // A vector has no value in JavaScript; the loader says that it lasts.
  return globals
    .filter(({ type }) => type !== "v128")
    .map(({ name }) => exports[name] as WebAssembly.Global);
}
