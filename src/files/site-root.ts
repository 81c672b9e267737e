import fs from "node:fs";
import type { Stats } from "node:fs";
import path from "node:path";
import { codeOf, meaningOf } from "./system-error.ts";

/** A regular file, open, and proven to lie inside the root. */
export interface OpenedFile {
  readonly fd: number;
  readonly stats: Stats;
}

const { O_RDONLY, O_NONBLOCK, O_DIRECTORY } = fs.constants;

/**
 * The one way from a path of a request to a file. What it opens is a regular file inside the root, also when
 * links are swapped while it looks: the check is made on what was opened, not on its name.
 */
export class SiteRoot {
  readonly #path: string;
  readonly #dotfiles: boolean;
  readonly #links: boolean;
  #real: string;

  /** @throws Error saying what to do, when the root is missing or no directory */
  constructor(root: string, dotfiles: "deny" | "allow", symlinks: "inside" | "deny") {
    this.#path = path.resolve(root);
    this.#dotfiles = dotfiles === "allow";
    this.#links = symlinks === "inside";
    this.#real = realRoot(this.#path, root);
  }

  /**
   * The file system's name, relative to the root, of what a canonical path means; undefined when it may not
   * be served whatever there is.
   * @param key canonical, without its first slash; a last slash is not part of the name
   */
  nameOf(key: string): string | undefined {
    const segments = key.split("/");
    if (segments.at(-1) === "") segments.pop();
    for (let i = 0; i < segments.length; i++) {
      const name = decode(segments[i] as string);
      if (name === undefined || !this.#mayServe(name, i === 0)) return undefined;
      segments[i] = name;
    }
    return segments.join("/");
  }

  /** Whether a relative name, decoded, may be served at all. */
  allows(name: string): boolean {
    return name.split("/").every((part, i) => this.#mayServe(part, i === 0));
  }

  #mayServe(part: string, atRoot: boolean): boolean {
    return isPlainName(part) && this.shows(part, atRoot);
  }

  /** Whether the rule about dotfiles lets a name be seen. RFC 8615 places `.well-known` at the root. */
  shows(name: string, atRoot: boolean): boolean {
    return this.#dotfiles || !name.startsWith(".") || (atRoot && name === ".well-known");
  }

  /** @throws HttpError 403, 500 or 503. @returns undefined when there is nothing */
  stat(name: string): Stats | undefined {
    try {
      return fs.statSync(this.#absolute(name), { throwIfNoEntry: false });
    } catch (error) {
      const meaning = meaningOf(error);
      if (meaning !== undefined) throw meaning;
      return undefined;
    }
  }

  /**
   * Opens a regular file. Never blocks on a FIFO and never opens one knowingly.
   * @throws HttpError 403, 500 or 503. @returns undefined when there is none inside the root
   */
  open(name: string): OpenedFile | undefined {
    const opened = this.#open(name, O_RDONLY | O_NONBLOCK);
    if (opened === undefined || opened.stats.isFile()) return opened;
    fs.closeSync(opened.fd);
    return undefined;
  }

  /**
   * Opens a directory inside the root and hands `use` a path that keeps meaning it.
   * @throws HttpError 403, 500 or 503. @returns undefined when there is none inside the root
   */
  async withDirectory<T>(
    name: string,
    use: (directory: string) => Promise<T>,
  ): Promise<T | undefined> {
    const opened = this.#open(name, O_RDONLY | O_NONBLOCK | O_DIRECTORY);
    if (opened === undefined) return undefined;
    try {
      return await use(hasProc ? `/proc/self/fd/${opened.fd}` : this.#absolute(name));
    } finally {
      fs.closeSync(opened.fd);
    }
  }

  /** Whether what a name leads to lies inside the root. For showing, not for opening. */
  contains(name: string): boolean {
    try {
      return this.#isInside(fs.realpathSync(this.#absolute(name)), name);
    } catch {
      return false;
    }
  }

  #open(name: string, flags: number): OpenedFile | undefined {
    let fd: number;
    try {
      fd = fs.openSync(this.#absolute(name), flags);
    } catch (error) {
      const meaning = meaningOf(error);
      if (meaning !== undefined) throw meaning;
      return undefined;
    }
    try {
      const stats = fs.fstatSync(fd);
      if (this.#isInside(this.#pathOf(fd, stats, name), name)) return { fd, stats };
    } catch (error) {
      fs.closeSync(fd);
      throw meaningOf(error) ?? error;
    }
    fs.closeSync(fd);
    return undefined;
  }

  /** Where the opened file really lies; "" when that cannot be told. */
  #pathOf(fd: number, stats: Stats, name: string): string {
    if (hasProc) return fs.readlinkSync(`/proc/self/fd/${fd}`);
    const real = fs.realpathSync(this.#absolute(name));
    const found = fs.statSync(real);
    return found.ino === stats.ino && found.dev === stats.dev ? real : "";
  }

  #isInside(real: string, name: string): boolean {
    if (this.#accepts(real, name)) return true;
    // The root may be a link that a deployment has moved: look where it leads now.
    const now = realRoot(this.#path, this.#path);
    if (now === this.#real) return false;
    this.#real = now;
    return this.#accepts(real, name);
  }

  #accepts(real: string, name: string): boolean {
    const root = this.#real;
    if (!this.#links) return real === (name === "" ? root : join(root, name));
    return real === root || real.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
  }

  #absolute(name: string): string {
    return name === "" ? this.#path : join(this.#path, name);
  }
}

function join(root: string, name: string): string {
  const native = path.sep === "/" ? name : name.replaceAll("/", path.sep);
  return root.endsWith(path.sep) ? root + native : root + path.sep + native;
}

/** Linux tells of a descriptor what it is open on. */
const hasProc = fs.existsSync("/proc/self/fd");

/** One name of a file: nothing that a file system would take for a way to elsewhere. */
function isPlainName(name: string): boolean {
  if (name === "" || name === "." || name === "..") return false;
  return !name.includes("/") && !name.includes("\0") && (path.sep === "/" || !/[\\:]/.test(name));
}

function decode(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function realRoot(root: string, given: string): string {
  let real: string;
  try {
    real = fs.realpathSync(root);
    if (fs.statSync(real).isDirectory()) return real;
  } catch (error) {
    const why = codeOf(error) === "EACCES" ? "may not be read" : "does not exist";
    throw new Error(`the directory ${given} ${why}: create it or name another`, { cause: error });
  }
  throw new Error(`${given} is not a directory: name the directory that holds the files`);
}
