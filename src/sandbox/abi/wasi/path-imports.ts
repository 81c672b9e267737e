import type { Guest } from "../abi.ts";
import type { GuestMemory } from "../guest-memory.ts";
import { Errno, errnoOf } from "./errno.ts";
import { statBytes } from "./file-stat.ts";
import type { WasiProcess } from "./wasi-process.ts";

type Imports = Record<string, (...args: never[]) => unknown>;

const MAX_PATH_BYTES = 4096;
const OPEN = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;
/** `fd_write`, `fd_allocate` and `fd_filestat_set_size`: who asks for one of these wants to change the file. */
const WRITING_RIGHTS = (1n << 6n) | (1n << 8n) | (1n << 22n);

/** What is found by name. Which names lead where is for the host's files to decide, which never lead out. */
export function pathImports(guest: Guest, memory: GuestMemory, process: WasiProcess): Imports {
  const { files } = guest.host;

  /** The absolute path that a directory and a name mean, or an error number. */
  const pathOf = (fd: number, pointer: number, length: number): string | number => {
    const directory = process.descriptor(fd);
    if (directory === undefined) return Errno.badf;
    if (directory.kind !== "preopen" && directory.kind !== "directory") return Errno.notdir;
    if (length >>> 0 > MAX_PATH_BYTES) return Errno.nametoolong;
    const name = memory.text(pointer, length);
    if (name.includes("\0")) return Errno.inval;
    // A name that begins at the root is none of this directory.
    if (name.startsWith("/")) return Errno.notcapable;
    const parts: string[] = [];
    for (const part of name.split("/")) {
      if (part === "" || part === ".") continue;
      // WASI has no way out of a directory: `..` may only undo what the same name went down.
      if (part !== "..") parts.push(part);
      else if (parts.pop() === undefined) return Errno.notcapable;
    }
    const base = directory.path === "/" ? "" : directory.path;
    return parts.length === 0 ? directory.path : `${base}/${parts.join("/")}`;
  };

  const refuse = (fd: number): number =>
    process.descriptor(fd) === undefined ? Errno.badf : Errno.rofs;

  return {
    path_open(
      fd: number,
      _lookup: number,
      pointer: number,
      length: number,
      flags: number,
      rights: bigint,
      _inheriting: bigint,
      _fdFlags: number,
      out: number,
    ) {
      const path = pathOf(fd, pointer, length);
      if (typeof path === "number") return path;
      if ((flags & (OPEN.create | OPEN.exclusive | OPEN.truncate)) !== 0) return Errno.rofs;
      memory.range(out, 4);
      try {
        const { kind } = files.stat(path);
        if (kind === "file" && (rights & WRITING_RIGHTS) !== 0n) return Errno.rofs;
        if (kind === "file" && (flags & OPEN.directory) !== 0) return Errno.notdir;
        const handle = files.open(path);
        const opened = process.add({ kind, path, handle, offset: 0 });
        if (opened === undefined) {
          files.close(handle);
          return Errno.mfile;
        }
        memory.view.setUint32(out >>> 0, opened, true);
        return Errno.success;
      } catch (error) {
        return errnoOf(error);
      }
    },
    path_filestat_get(fd: number, _lookup: number, pointer: number, length: number, out: number) {
      const path = pathOf(fd, pointer, length);
      if (typeof path === "number") return path;
      const into = memory.range(out, 64);
      try {
        into.set(statBytes(files.stat(path)));
        return Errno.success;
      } catch (error) {
        return errnoOf(error);
      }
    },
    // Links are followed by the host, or refused there; none is shown as one.
    path_readlink(fd: number, pointer: number, length: number) {
      const path = pathOf(fd, pointer, length);
      return typeof path === "number" ? path : Errno.inval;
    },
    path_create_directory: refuse,
    path_filestat_set_times: refuse,
    path_link: refuse,
    path_remove_directory: refuse,
    path_rename: refuse,
    path_symlink: (_target: number, _length: number, fd: number) => refuse(fd),
    path_unlink_file: refuse,
  };
}
