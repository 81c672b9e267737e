import type { TouchedPages } from "../../runtime/touched-pages.ts";
import type { Abi, Guest, GuestLimits, HostServices, Payload } from "../abi/abi.ts";
import { GuestError } from "../errors.ts";
import {
  CELL_IMPORT,
  DENIED_EXPORT,
  MEMORY_IMPORT,
  PRIVATE_MODULE,
} from "../module/private-names.ts";
import type { GuestSpec } from "./guest-spec.ts";
import { Snapshot, snapshotGlobals } from "./snapshot.ts";

/** A larger memory is not worth zeroing. */
const SPARE_PAGES = 32;

/** One instance of a module, with the way back to how it began. */
export class GuestInstance implements Guest {
  readonly exports: WebAssembly.Exports;
  readonly host: HostServices;
  readonly limits: GuestLimits;
  scratch: unknown = undefined;
  readonly common: Guest["common"];
  /** The session it belongs to; 0 while it serves any call. */
  session = 0;
  started = false;
  readonly #abi: Abi;
  /** It may change what {@link reset} cannot put back. */
  readonly #lasts: boolean;
  readonly #spec: GuestSpec;
  readonly #pages: TouchedPages | undefined;
  readonly #memory: WebAssembly.Memory | undefined;
  readonly #globals: WebAssembly.Global[];
  readonly #denied: WebAssembly.Global<"i32">;
  /** The memory as it was when it last grew, and a view of it. */
  #buffer: ArrayBuffer | undefined;
  #bytes: Uint8Array | undefined;
  #snapshot: Snapshot | undefined;
  /** Where host functions may have written since it was put back. */
  #touchedFrom = Infinity;
  #touchedTo = 0;

  /**
   * @param common what the ABI has for all instances of the sandbox here
   * @param spare a memory that another instance of the module had, all zero
   * @param pages tells what was touched of a memory, where that can be told
   */
  constructor(
    module: WebAssembly.Module,
    spec: GuestSpec,
    abi: Abi,
    host: HostServices,
    common: Guest["common"],
    cell: WebAssembly.Memory,
    spare: WebAssembly.Memory | undefined,
    pages: TouchedPages | undefined,
  ) {
    const { layout } = spec;
    this.host = host;
    this.common = common;
    this.limits = { memoryBytes: spec.memoryLimit, outputBytes: spec.maxOutputBytes };
    this.#abi = abi;
    this.#spec = spec;
    this.#pages = pages;
    this.#lasts = layout.lasting.length > 0;
    if (layout.memory !== undefined) {
      const { minPages, maxPages } = layout.memory;
      this.#memory = spare ?? new WebAssembly.Memory({ initial: minPages, maximum: maxPages });
      this.#buffer = this.#memory.buffer;
      this.#bytes = new Uint8Array(this.#buffer);
    }
    const answers = abi.link(this);
    const own: Record<string, unknown> = { [CELL_IMPORT]: cell };
    if (this.#memory !== undefined) own[MEMORY_IMPORT] = this.#memory;
    const imports = { ...answers, [PRIVATE_MODULE]: own } as WebAssembly.Imports;
    this.exports = new WebAssembly.Instance(module, imports).exports;
    this.#globals = snapshotGlobals(this.exports, layout);
    this.#denied = this.exports[DENIED_EXPORT] as unknown as WebAssembly.Global<"i32">;
  }

  get memory(): WebAssembly.Memory {
    if (this.#memory === undefined) throw new GuestError("the module has no memory");
    return this.#memory;
  }

  /** Bytes of memory it has now. */
  get memoryBytes(): number {
    return this.#currentBytes?.byteLength ?? 0;
  }

  /** Whether it was refused memory in this call. */
  get wantedMemory(): boolean {
    return this.#denied.value !== 0;
  }

  /** A call of a session begins: what earlier ones were refused explains none of its traps. */
  forgetWants(): void {
    if (this.#denied.value !== 0) this.#denied.value = 0;
  }

  /** Runs the start function and what the ABI does first, and remembers how the instance is then. */
  start(remember: boolean): void {
    const { start } = this.#spec.layout;
    if (start !== undefined) (this.exports[start] as () => void)();
    this.#abi.start?.(this);
    this.started = true;
    if (remember) this.#snapshot = new Snapshot(this.#currentBytes, this.#globals, this.#pages);
    this.#untouched();
  }

  touched(from: number, to: number): void {
    if (from < this.#touchedFrom) this.#touchedFrom = from;
    if (to > this.#touchedTo) this.#touchedTo = to;
  }

  #untouched(): void {
    this.#touchedFrom = Infinity;
    this.#touchedTo = 0;
  }

  call(entry: string, input: Payload): Payload {
    return this.#abi.call(this, entry, input);
  }

  /** The memory, all zero, for another instance: it has not grown. Nothing may call this one any more. */
  giveMemory(): WebAssembly.Memory | undefined {
    const first = this.#spec.layout.memory;
    if (first === undefined || first.minPages > SPARE_PAGES) return undefined;
    if (this.memoryBytes !== first.minPages * 65_536) return undefined;
    this.#currentBytes?.fill(0);
    return this.#memory;
  }

  /** A view of the memory as it is now: growing, even by nothing, leaves the views of before empty. */
  get #currentBytes(): Uint8Array | undefined {
    const buffer = this.#memory?.buffer;
    if (buffer !== undefined && buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#bytes = new Uint8Array(buffer);
    }
    return this.#bytes;
  }

  /** Whether {@link reset} can do it. */
  get mayReset(): boolean {
    return this.#snapshot?.size === this.memoryBytes && !this.#lasts;
  }

  /** Puts everything back to how it was after {@link start}. @returns false when only a new instance can do that */
  reset(): boolean {
    const snapshot = this.#snapshot;
    const bytes = this.#currentBytes;
    if (snapshot === undefined || snapshot.size !== (bytes?.byteLength ?? 0)) return false;
    if (this.#lasts) return false;
    this.forgetWants();
    if (bytes !== undefined) {
      if (this.#spec.layout.writes) snapshot.restoreMemory(bytes);
      else if (this.#touchedTo > 0) {
        snapshot.restoreRange(bytes, this.#touchedFrom, this.#touchedTo);
      }
    }
    snapshot.restoreGlobals(this.#globals);
    this.#untouched();
    return this.#abi.reset(this);
  }
}
