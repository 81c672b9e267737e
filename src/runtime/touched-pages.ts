import { dlopen, ptr } from "bun:ffi";
import { closeSync, openSync } from "node:fs";

/** Both results are longs of the system's that fit an int. */
const SYMBOLS = {
  pread: { args: ["int", "ptr", "u64", "i64"], returns: "int" },
  sysconf: { args: ["int"], returns: "int" },
} as const;

type Libc = ReturnType<typeof dlopen<typeof SYMBOLS>>["symbols"];

/** glibc, musl by architecture. */
const NAMES = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];
const PAGE_SIZE = 30;
/** Of a page in `/proc/self/pagemap`, 8 bytes: in memory, swapped out (or on its way). Neither: nobody ever wrote. */
const ENTRY_BYTES = 8;
const PRESENT_OR_SWAPPED = 30;

/**
 * Tells which pages of memory have been touched since the system gave them, all zero. To put large memory back to
 * zero it is enough to write these: of 32 MiB of which a guest uses little, that takes a hundredth of the time. Only
 * for memory that is the process's own and backed by no file, as that of WebAssembly is. Linux only.
 */
export class TouchedPages {
  readonly #file: number;
  readonly #page: number;
  readonly #pread: Libc["pread"];
  #entries = new Uint32Array(0);

  private constructor(file: number, page: number, pread: Libc["pread"]) {
    this.#file = file;
    this.#page = page;
    this.#pread = pread;
  }

  /** @returns undefined where it cannot be told */
  static open(): TouchedPages | undefined {
    if (process.platform !== "linux") return undefined;
    for (const name of NAMES) {
      let pages: TouchedPages | undefined;
      try {
        const { pread, sysconf } = dlopen(name, SYMBOLS).symbols;
        const size = sysconf(PAGE_SIZE);
        pages = new TouchedPages(openSync("/proc/self/pagemap", "r"), size, pread);
        if (pages.#tells()) return pages;
      } catch {
        // Another library, no such file, or none that may be read.
      }
      pages?.close();
    }
    return undefined;
  }

  /**
   * Where memory may hold something else than zeros: where such a part begins, where it ends, and so on, in bytes. What
   * is not said could not be told, and is taken for touched.
   */
  ranges(bytes: Uint8Array): number[] {
    const size = bytes.byteLength;
    const page = this.#page;
    const address = ptr(bytes);
    const count = size / page;
    if (address % page !== 0 || !Number.isInteger(count)) return [0, size];
    if (this.#entries.length < count * 2) this.#entries = new Uint32Array(count * 2);
    const entries = this.#entries;
    const wanted = count * ENTRY_BYTES;
    const read = this.#pread(this.#file, ptr(entries), wanted, (address / page) * ENTRY_BYTES);
    if (read !== wanted) return [0, size];
    const ranges: number[] = [];
    let from = -1;
    for (let i = 0; i < count; i++) {
      // The upper half of an entry: the lower is where the page lies, and nobody's business.
      const touched = (entries[i * 2 + 1] as number) >>> PRESENT_OR_SWAPPED !== 0;
      if (touched === from >= 0) continue;
      if (touched) from = i * page;
      else {
        ranges.push(from, i * page);
        from = -1;
      }
    }
    if (from >= 0) ranges.push(from, size);
    return ranges;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Whether the system means what we think it does. */
  #tells(): boolean {
    const memory = new Uint8Array(new WebAssembly.Memory({ initial: 16 }).buffer);
    const at = memory.byteLength / 2;
    memory[at] = 1;
    const ranges = this.ranges(memory);
    for (let i = 0; i < ranges.length; i += 2) {
      if ((ranges[i] as number) <= at && at < (ranges[i + 1] as number)) return true;
    }
    return false;
  }
}
