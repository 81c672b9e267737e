import { dlopen } from "bun:ffi";
import { closeSync, writeSync } from "node:fs";

const CLOSE_ON_EXEC = 1;
/** How many there may be at once: each takes a descriptor. */
const MAX_OPEN = 256;

let open = 0;
let create: ((name: Uint8Array, flags: number) => number) | null | undefined;

const registry = new FinalizationRegistry<number>((fd) => {
  open--;
  closeSync(fd);
});

/** Bytes in a file that has no name, so that they can be sent by sendfile. Closed when nothing refers to it any more. */
export class MemoryFile {
  readonly fd: number;
  readonly size: number;

  private constructor(fd: number, size: number) {
    this.fd = fd;
    this.size = size;
    registry.register(this, fd);
  }

  /** @returns undefined where the system has none, or there are enough */
  static of(bytes: Uint8Array): MemoryFile | undefined {
    if (open >= MAX_OPEN) return undefined;
    create ??= load() ?? null;
    const fd = create?.(new TextEncoder().encode("sluice\0"), CLOSE_ON_EXEC) ?? -1;
    if (fd < 0) return undefined;
    open++;
    const file = new MemoryFile(fd, bytes.byteLength);
    for (let at = 0; at < bytes.byteLength;)
      at += writeSync(fd, bytes, at, bytes.byteLength - at, at);
    return file;
  }
}

function load(): ((name: Uint8Array, flags: number) => number) | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const { symbols } = dlopen("libc.so.6", {
      memfd_create: { args: ["ptr", "u32"], returns: "i32" },
    });
    return symbols.memfd_create;
  } catch {
    return undefined;
  }
}
