import type { Dirent, Stats } from "node:fs";
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  realpathSync,
} from "node:fs";
import { sep } from "node:path";
import type { DirectoryEntry, FileStat, VirtualFiles } from "../abi/abi.ts";
import { HostFault } from "../abi/abi.ts";
import { CapabilityDenied } from "../errors.ts";

/** A directory that a guest may read: its name there, and the real one. */
export type Preopen = readonly [guestPath: string, hostPath: string];

const MAX_HANDLES = 64;
/** The most that is read at once, as nothing else is done meanwhile: a guest asks again for more. */
const MAX_READ = 1024 * 1024;
const MAX_ENTRIES = 10_000;

interface Handle {
  readonly fd: number;
  readonly path: string;
}

/** Reads files of the host under the preopened directories. */
export class HostFiles implements VirtualFiles {
  readonly preopens: readonly string[];
  /** Longest guest path first, so that the most particular answers. */
  readonly #roots: readonly Preopen[];
  readonly #handles = new Map<number, Handle>();
  #next = 3;

  constructor(preopens: readonly Preopen[]) {
    this.preopens = preopens.map(([guestPath]) => guestPath);
    this.#roots = preopens
      .map(([guest, host]): Preopen => [guest, realIfThere(host)])
      .toSorted((a, b) => b[0].length - a[0].length);
  }

  open(path: string): number {
    if (this.#handles.size >= MAX_HANDLES) {
      throw new HostFault("EMFILE", `more than ${MAX_HANDLES} files are open`);
    }
    const { fd } = this.#openReal(path);
    const handle = this.#next++;
    this.#handles.set(handle, { fd, path });
    return handle;
  }

  read(handle: number, offset: number, into: Uint8Array): number {
    if (!Number.isSafeInteger(offset) || offset < 0)
      throw new HostFault("EINVAL", "no such offset");
    const { fd } = this.#handle(handle);
    return guarded(() => readSync(fd, into, 0, Math.min(into.byteLength, MAX_READ), offset));
  }

  stat(target: string | number): FileStat {
    if (typeof target === "number") return statOf(this.#handle(target).fd);
    const { fd } = this.#openReal(target);
    try {
      return statOf(fd);
    } finally {
      closeSync(fd);
    }
  }

  readdir(target: string | number): readonly DirectoryEntry[] {
    const path = typeof target === "number" ? this.#handle(target).path : target;
    const { fd, real } = this.#openReal(path);
    try {
      if (!fstatSync(fd).isDirectory()) throw new HostFault("ENOTDIR", `${path} is no directory`);
      // By the descriptor: at the path there may be another by now.
      const opened = process.platform === "linux" ? `/proc/self/fd/${fd}` : real;
      const found = guarded(() => readdirSync(opened, { withFileTypes: true }));
      if (found.length > MAX_ENTRIES) {
        throw new HostFault("EMSGSIZE", `${path} has more than ${MAX_ENTRIES} entries`);
      }
      return found
        .filter((entry) => entry.isFile() || entry.isDirectory())
        .map((entry: Dirent) => ({
          name: entry.name,
          kind: entry.isDirectory() ? ("directory" as const) : ("file" as const),
        }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    } finally {
      closeSync(fd);
    }
  }

  close(handle: number): void {
    const { fd } = this.#handle(handle);
    this.#handles.delete(handle);
    closeSync(fd);
  }

  /** At the end of a call: whatever the guest left open. */
  closeAll(): void {
    if (this.#handles.size === 0) return;
    for (const { fd } of this.#handles.values()) closeSync(fd);
    this.#handles.clear();
  }

  #handle(number: number): Handle {
    const handle = this.#handles.get(number);
    if (handle === undefined) throw new HostFault("EBADF", `${number} is no open file`);
    return handle;
  }

  /** Opens what a guest's path means, and makes sure by the descriptor that it lies under its preopen. */
  #openReal(path: string): { fd: number; real: string } {
    const normal = normalize(path);
    const root = this.#roots.find(([guest]) => isUnder(normal, guest, "/"));
    if (root === undefined) {
      throw new CapabilityDenied(
        "files",
        `${shorten(path)} is not under a directory the guest may read`,
      );
    }
    const [guest, host] = root;
    const rest = normal.slice(guest === "/" ? 0 : guest.length);
    // Never waits for the other end of a FIFO, and never becomes our terminal.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    const fd = guarded(() => openSync(host + rest, flags));
    try {
      const stats = fstatSync(fd);
      // What was opened, whatever links led there and whoever moves them now.
      const real = realOf(fd, host + rest);
      if (!isUnder(real, host, sep)) {
        throw new CapabilityDenied("files", `${shorten(path)} leads out of ${guest}`);
      }
      if (!stats.isFile() && !stats.isDirectory()) {
        throw new HostFault("EACCES", `${shorten(path)} is neither a file nor a directory`);
      }
      return { fd, real };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }
}

/** Where a directory is; one that has gone is found to be missing when the guest looks. */
function realIfThere(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The path a descriptor is open to; where the system does not say, what its path means now. */
function realOf(fd: number, path: string): string {
  if (process.platform === "linux") return readlinkSync(`/proc/self/fd/${fd}`);
  return realpathSync(path);
}

/** Absolute, without empty and dot segments. `..` may not climb above the root: that would be a lie. */
function normalize(path: string): string {
  if (!path.startsWith("/"))
    throw new HostFault("ENOENT", `${shorten(path)} is not an absolute path`);
  if (path.includes("\0")) throw new HostFault("EINVAL", "a path has no NUL");
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) {
      throw new CapabilityDenied("files", `${shorten(path)} climbs above the root`);
    }
  }
  return `/${segments.join("/")}`;
}

function isUnder(path: string, root: string, separator: string): boolean {
  return path === root || path.startsWith(root.endsWith(separator) ? root : root + separator);
}

function statOf(fd: number): FileStat {
  const stats: Stats = guarded(() => fstatSync(fd));
  const kind = stats.isDirectory() ? "directory" : "file";
  return { kind, size: stats.size, modified: Math.floor(stats.mtimeMs), inode: stats.ino };
}

/** Errors of the system by their code only: their messages name paths of the host. */
function guarded<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "EIO";
    throw new HostFault(code, `the file system says ${code}`);
  }
}

function shorten(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}
