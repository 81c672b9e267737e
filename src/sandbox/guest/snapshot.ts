import type { GuestLayout } from "./guest-spec.ts";

/** Bytes that are looked at together. */
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

  constructor(memory: WebAssembly.Memory | undefined, globals: readonly WebAssembly.Global[]) {
    this.#extents = memory === undefined ? [] : extentsOf(new Uint8Array(memory.buffer));
    this.size = memory?.buffer.byteLength ?? 0;
    this.#globals = globals.map((global) => global.value as unknown);
  }

  /** Puts back into the instance it was taken of, whose memory has not grown. */
  restore(memory: Uint8Array | undefined, globals: readonly WebAssembly.Global[]): void {
    if (memory !== undefined) {
      let zeroFrom = 0;
      // Zeroing is cheaper than copying zeros: nothing is read.
      for (const { at, bytes } of this.#extents) {
        if (at > zeroFrom) memory.fill(0, zeroFrom, at);
        memory.set(bytes, at);
        zeroFrom = at + bytes.byteLength;
      }
      if (zeroFrom < memory.byteLength) memory.fill(0, zeroFrom);
    }
    for (let i = 0; i < globals.length; i++) {
      (globals[i] as WebAssembly.Global).value = this.#globals[i] as never;
    }
  }
}

function extentsOf(memory: Uint8Array): Extent[] {
  const extents: Extent[] = [];
  let from = -1;
  for (let at = 0; at <= memory.byteLength; at += BLOCK) {
    const used =
      at < memory.byteLength && !isZero(memory, at, Math.min(at + BLOCK, memory.byteLength));
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
