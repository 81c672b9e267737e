import type { Guest } from "../abi.ts";
import type { GuestMemory } from "../guest-memory.ts";
import { Errno, errnoOf } from "./errno.ts";
import { statBytes } from "./file-stat.ts";
import type { Descriptor, WasiProcess } from "./wasi-process.ts";

type Imports = Record<string, (...args: never[]) => unknown>;

/** POSIX calls it IOV_MAX: without one, a guest could name the same gigabyte a million times. */
const MAX_VECTORS = 1024;

const FILE_TYPE = { characterDevice: 2, directory: 3, file: 4 } as const;
const RIGHTS = {
  read: 1n << 1n,
  seek: 1n << 2n,
  tell: 1n << 5n,
  write: 1n << 6n,
  pathOpen: 1n << 13n,
  readdir: 1n << 14n,
  pathStat: 1n << 18n,
  stat: 1n << 21n,
} as const;
const OF_FILE = RIGHTS.read | RIGHTS.seek | RIGHTS.tell | RIGHTS.stat;
const OF_DIRECTORY = RIGHTS.pathOpen | RIGHTS.readdir | RIGHTS.pathStat | RIGHTS.stat;

/** What can be done with a descriptor: streams of the program, and files to read. */
export function descriptorImports(
  guest: Guest,
  memory: GuestMemory,
  process: WasiProcess,
): Imports {
  const { files } = guest.host;
  const known = (fd: number): number =>
    process.descriptor(fd) === undefined ? Errno.badf : Errno.success;
  const unwritable = (fd: number): number =>
    process.descriptor(fd) === undefined ? Errno.badf : Errno.rofs;

  /** Fills ranges one after the other until one is not filled. */
  const readInto = (
    vectors: readonly Uint8Array[],
    read: (into: Uint8Array, at: number) => number,
  ): number => {
    let total = 0;
    for (const into of vectors) {
      if (into.byteLength === 0) continue;
      const bytes = read(into, total);
      total += bytes;
      if (bytes < into.byteLength) break;
    }
    return total;
  };

  const vectorsAt = (list: number, count: number): Uint8Array[] | undefined => {
    if (count >>> 0 > MAX_VECTORS) return undefined;
    memory.range(list, (count >>> 0) * 8);
    const { view } = memory;
    return Array.from({ length: count >>> 0 }, (_, index) => {
      const at = (list >>> 0) + index * 8;
      return memory.range(view.getUint32(at, true), view.getUint32(at + 4, true));
    });
  };

  const read = (fd: number, list: number, count: number, from: bigint | undefined, out: number) => {
    const descriptor = process.descriptor(fd);
    if (descriptor === undefined) return Errno.badf;
    if (descriptor.kind === "directory" || descriptor.kind === "preopen") return Errno.isdir;
    const vectors = vectorsAt(list, count);
    if (vectors === undefined) return Errno.inval;
    memory.range(out, 4);
    if (descriptor.kind !== "file") {
      if (descriptor.kind !== "stdin") return Errno.badf;
      if (from !== undefined) return Errno.spipe;
      const bytes = readInto(vectors, (into) => process.readStdin(into));
      memory.view.setUint32(out >>> 0, bytes, true);
      return Errno.success;
    }
    const start = from === undefined ? descriptor.offset : Number(from);
    try {
      const bytes = readInto(vectors, (into, at) =>
        files.read(descriptor.handle, start + at, into),
      );
      if (from === undefined) descriptor.offset += bytes;
      memory.view.setUint32(out >>> 0, bytes, true);
      return Errno.success;
    } catch (error) {
      return errnoOf(error);
    }
  };

  const sizeOf = (descriptor: Extract<Descriptor, { handle: number }>): number =>
    files.stat(descriptor.handle).size;

  return {
    fd_read: (fd: number, list: number, count: number, out: number) =>
      read(fd, list, count, undefined, out),
    fd_pread: (fd: number, list: number, count: number, offset: bigint, out: number) =>
      offset < 0n ? Errno.inval : read(fd, list, count, offset, out),
    fd_write(fd: number, list: number, count: number, out: number) {
      const descriptor = process.descriptor(fd);
      if (descriptor === undefined || descriptor.kind === "stdin") return Errno.badf;
      if (descriptor.kind !== "stdout" && descriptor.kind !== "stderr") return Errno.rofs;
      const vectors = vectorsAt(list, count);
      if (vectors === undefined) return Errno.inval;
      memory.range(out, 4);
      let total = 0;
      for (const bytes of vectors) {
        guest.host.alive();
        if (descriptor.kind === "stderr") process.writeLines("stderr", bytes);
        else if (!process.writeOutput(bytes)) return Errno.fbig;
        total += bytes.byteLength;
      }
      memory.view.setUint32(out >>> 0, total, true);
      return Errno.success;
    },
    fd_pwrite: unwritable,

    fd_seek(fd: number, delta: bigint, whence: number, out: number) {
      const descriptor = process.descriptor(fd);
      if (descriptor === undefined) return Errno.badf;
      if (descriptor.kind !== "file") return Errno.spipe;
      try {
        const bases = [0, descriptor.offset, whence === 2 ? sizeOf(descriptor) : 0];
        const base = bases[whence];
        const target = base === undefined ? -1 : base + Number(delta);
        if (target < 0 || !Number.isSafeInteger(target)) return Errno.inval;
        memory.range(out, 8);
        descriptor.offset = target;
        memory.view.setBigUint64(out >>> 0, BigInt(target), true);
        return Errno.success;
      } catch (error) {
        return errnoOf(error);
      }
    },
    fd_tell(fd: number, out: number) {
      const descriptor = process.descriptor(fd);
      if (descriptor === undefined) return Errno.badf;
      if (descriptor.kind !== "file") return Errno.spipe;
      memory.range(out, 8);
      memory.view.setBigUint64(out >>> 0, BigInt(descriptor.offset), true);
      return Errno.success;
    },
    fd_close(fd: number) {
      const descriptor = process.descriptor(fd);
      if (descriptor === undefined) return Errno.badf;
      if ("handle" in descriptor) files.close(descriptor.handle);
      process.remove(fd);
      return Errno.success;
    },
    fd_renumber(from: number, to: number) {
      if (known(from) !== Errno.success || known(to) !== Errno.success) return Errno.badf;
      if (from === to) return Errno.success;
      const replaced = process.descriptor(to);
      if (replaced !== undefined && "handle" in replaced) files.close(replaced.handle);
      process.renumber(from, to);
      return Errno.success;
    },

    fd_fdstat_get(fd: number, out: number) {
      const descriptor = process.descriptor(fd);
      if (descriptor === undefined) return Errno.badf;
      memory.range(out, 24).fill(0);
      const [type, rights, inheriting] = statusOf(descriptor);
      const at = out >>> 0;
      memory.view.setUint8(at, type);
      memory.view.setBigUint64(at + 8, rights, true);
      memory.view.setBigUint64(at + 16, inheriting, true);
      return Errno.success;
    },
    fd_filestat_get(fd: number, out: number) {
      const descriptor = process.descriptor(fd);
      if (descriptor === undefined) return Errno.badf;
      try {
        const stat =
          "handle" in descriptor
            ? files.stat(descriptor.handle)
            : descriptor.kind === "preopen"
              ? files.stat(descriptor.path)
              : undefined;
        memory.range(out, 64).set(statBytes(stat));
        return Errno.success;
      } catch (error) {
        return errnoOf(error);
      }
    },
    fd_prestat_get(fd: number, out: number) {
      const descriptor = process.descriptor(fd);
      if (descriptor?.kind !== "preopen") return Errno.badf;
      memory.range(out, 8).fill(0);
      memory.view.setUint32((out >>> 0) + 4, encoder.encode(descriptor.path).byteLength, true);
      return Errno.success;
    },
    fd_prestat_dir_name(fd: number, buf: number, length: number) {
      const descriptor = process.descriptor(fd);
      if (descriptor?.kind !== "preopen") return Errno.badf;
      const name = encoder.encode(descriptor.path);
      if (name.byteLength > length >>> 0) return Errno.nametoolong;
      memory.range(buf, name.byteLength).set(name);
      return Errno.success;
    },
    fd_readdir(fd: number, buf: number, length: number, cookie: bigint, out: number) {
      const descriptor = process.descriptor(fd);
      if (descriptor === undefined) return Errno.badf;
      if (descriptor.kind !== "directory" && descriptor.kind !== "preopen") return Errno.notdir;
      if (cookie < 0n) return Errno.inval;
      const into = memory.range(buf, length);
      memory.range(out, 4);
      try {
        // One reading serves all pages: each is asked for with the number of its first entry.
        descriptor.entries ??= files.readdir(descriptor.path);
        let at = 0;
        for (let i = Number(cookie); i < descriptor.entries.length && at < into.byteLength; i++) {
          const { name, kind } = descriptor.entries[i] as { name: string; kind: string };
          const bytes = encoder.encode(name);
          const entry = new Uint8Array(24 + bytes.byteLength);
          const view = new DataView(entry.buffer);
          view.setBigUint64(0, BigInt(i + 1), true);
          view.setUint32(16, bytes.byteLength, true);
          view.setUint8(20, kind === "directory" ? FILE_TYPE.directory : FILE_TYPE.file);
          entry.set(bytes, 24);
          // The last one is cut where the room ends, which tells the guest to ask again.
          const part = entry.subarray(0, into.byteLength - at);
          into.set(part, at);
          at += part.byteLength;
        }
        memory.view.setUint32(out >>> 0, at, true);
        return Errno.success;
      } catch (error) {
        return errnoOf(error);
      }
    },

    fd_advise: known,
    fd_datasync: known,
    fd_sync: known,
    fd_fdstat_set_flags: known,
    fd_fdstat_set_rights: known,
    fd_allocate: unwritable,
    fd_filestat_set_size: unwritable,
    fd_filestat_set_times: unwritable,
  };
}

const encoder = new TextEncoder();

function statusOf({ kind }: Descriptor): [type: number, rights: bigint, inheriting: bigint] {
  switch (kind) {
    case "stdin":
      return [FILE_TYPE.characterDevice, RIGHTS.read | RIGHTS.stat, 0n];
    case "stdout":
    case "stderr":
      return [FILE_TYPE.characterDevice, RIGHTS.write | RIGHTS.stat, 0n];
    case "file":
      return [FILE_TYPE.file, OF_FILE, 0n];
    default:
      // libc asks for no right that is not inherited, and would open to read what was meant to be written.
      return [FILE_TYPE.directory, OF_DIRECTORY, OF_DIRECTORY | OF_FILE | RIGHTS.write];
  }
}
