import { KERNEL } from "./kernel-bytes.ts";

/** What the kernel exports to the host; see `kernel.wat`. */
interface KernelExports {
  begin(length: number): number;
  take(length: number): number;
  measure(handle: bigint): number;
}

/** Words at the beginning of its memory. */
const OUTPUT = 0;
const OUTPUT_LENGTH = 1;
const ERROR = 2;
const HEAD_WORDS = 3;

/** Functions that guests may import, as they are in the kernel. */
const FOR_GUESTS = [
  "alloc",
  "free",
  "length",
  "length_unsafe",
  "load_u8",
  "load_u64",
  "store_u8",
  "store_u64",
  "input_offset",
  "input_length",
  "input_load_u8",
  "input_load_u64",
  "output_set",
  "output_offset",
  "output_length",
  "error_set",
  "error_get",
  "memory_bytes",
] as const;

type GuestFunction = (...args: never[]) => unknown;

const PAGE = 64 * 1024;
/** Blocks of a call over this are given back with the whole memory, not kept for the next call. */
const KEPT_BYTES = 1024 * 1024;
/** It goes to logs and clients, and is no other way to give an answer. */
const MAX_ERROR_BYTES = 8 * 1024;

let compiled: WebAssembly.Module | undefined;

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(
    Uint8Array.from(atob(KERNEL), (character) => character.charCodeAt(0)),
  );
  return compiled;
}

/** The memory between one guest and the host. */
export class Kernel {
  /** The functions of it that the guest imports. */
  readonly functions: Record<string, GuestFunction> = {};
  readonly #memory: WebAssembly.Memory;
  readonly #begin: KernelExports["begin"];
  readonly #take: KernelExports["take"];
  readonly #measure: KernelExports["measure"];
  /** The memory as it was when it last grew, and views of it. */
  #buffer: ArrayBuffer;
  #bytes: Uint8Array<ArrayBuffer>;
  #head: Uint32Array;

  /** @param maxBytes how much all blocks of a call may come to */
  constructor(maxBytes: number) {
    const maximum = Math.min(Math.max(Math.ceil(maxBytes / PAGE), 1), 65_536);
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum });
    this.#buffer = this.#memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#head = new Uint32Array(this.#buffer, 0, HEAD_WORDS);
    const { exports } = new WebAssembly.Instance(kernelModule(), {
      sluice: { memory: this.#memory },
    });
    const { begin, take, measure } = exports as unknown as KernelExports;
    this.#begin = begin;
    this.#take = take;
    this.#measure = measure;
    for (const name of FOR_GUESTS) this.functions[name] = exports[name] as GuestFunction;
  }

  /** Forgets everything, and has the input in it. @returns false when there is no room for it */
  begin(input: Uint8Array): boolean {
    const at = this.#begin(input.byteLength);
    if (at === 0) return input.byteLength === 0;
    this.#all.set(input, at);
    return true;
  }

  /** A block of these bytes. @returns its handle, 0 when they are none or there is no room */
  put(bytes: Uint8Array): bigint {
    const at = this.#take(bytes.byteLength);
    if (at === 0) return 0n;
    this.#all.set(bytes, at);
    return BigInt(at);
  }

  /** A copy of a block, or undefined where there is none. @param most bytes; the rest is left out */
  block(handle: bigint, most = Number.MAX_SAFE_INTEGER): Uint8Array | undefined {
    const length = Math.min(this.#measure(handle), most);
    if (length === 0) return undefined;
    return this.#all.slice(Number(handle), Number(handle) + length);
  }

  /** What `output_set` named, where it lies: it holds until {@link begin}. */
  output(): Uint8Array {
    const bytes = this.#all;
    const at = this.#head[OUTPUT] as number;
    return bytes.subarray(at, at + (this.#head[OUTPUT_LENGTH] as number));
  }

  /** The message of `error_set`, as far as anybody would read it. */
  error(): Uint8Array | undefined {
    void this.#all;
    const handle = this.#head[ERROR] as number;
    return handle === 0 ? undefined : this.block(BigInt(handle), MAX_ERROR_BYTES);
  }

  /** Whether it has grown so much that it is better thrown away than kept. */
  get isLarge(): boolean {
    return this.#all.byteLength > KEPT_BYTES;
  }

  /** The memory as it is now. */
  get #all(): Uint8Array<ArrayBuffer> {
    const { buffer } = this.#memory;
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#bytes = new Uint8Array(buffer);
      this.#head = new Uint32Array(buffer, 0, HEAD_WORDS);
    }
    return this.#bytes;
  }
}
