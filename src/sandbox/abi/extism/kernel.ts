import { KERNEL } from "./kernel-bytes.ts";

/** What the kernel exports to the host; see `kernel.wat`. */
interface KernelExports {
  begin(length: number): number;
  take(length: number): number;
  measure(handle: bigint): number;
  top: WebAssembly.Global;
  output: WebAssembly.Global;
  outputLength: WebAssembly.Global;
  error: WebAssembly.Global;
}

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
  readonly #exports: KernelExports;

  /** @param maxBytes how much all blocks of a call may come to */
  constructor(maxBytes: number) {
    const maximum = Math.min(Math.max(Math.ceil(maxBytes / PAGE), 1), 65_536);
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum });
    const { exports } = new WebAssembly.Instance(kernelModule(), {
      sluice: { memory: this.#memory },
    });
    this.#exports = exports as unknown as KernelExports;
    for (const name of FOR_GUESTS) this.functions[name] = exports[name] as GuestFunction;
  }

  /** Forgets everything, and has the input in it. @returns false when there is no room for it */
  begin(input: Uint8Array): boolean {
    const at = this.#exports.begin(input.byteLength);
    if (at === 0) return input.byteLength === 0;
    new Uint8Array(this.#memory.buffer, at, input.byteLength).set(input);
    return true;
  }

  /** A block of these bytes. @returns its handle, 0 when they are none or there is no room */
  put(bytes: Uint8Array): bigint {
    const at = this.#exports.take(bytes.byteLength);
    if (at === 0) return 0n;
    new Uint8Array(this.#memory.buffer, at, bytes.byteLength).set(bytes);
    return BigInt(at);
  }

  /** A copy of a block, or undefined where there is none. */
  block(handle: bigint): Uint8Array | undefined {
    const length = this.#exports.measure(handle);
    if (length === 0) return undefined;
    return new Uint8Array(this.#memory.buffer, Number(handle), length).slice();
  }

  /** What `output_set` named, copied. */
  output(): Uint8Array {
    const { output, outputLength } = this.#exports;
    return new Uint8Array(this.#memory.buffer, output.value, outputLength.value).slice();
  }

  /** The message of `error_set`. */
  error(): Uint8Array | undefined {
    return this.block(BigInt(this.#exports.error.value));
  }

  /** Whether it has grown so much that it is better thrown away than kept. */
  get isLarge(): boolean {
    return this.#memory.buffer.byteLength > KEPT_BYTES;
  }
}
