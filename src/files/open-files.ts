import fs from "node:fs";
import type { Representation } from "./representation.ts";
import { sameState, stateOf } from "./representation.ts";
import type { SiteRoot } from "./site-root.ts";

/** More files than this are not kept open while nobody reads them. */
const MAX_KEPT = 64;

/** An open file and how many read from it. */
export interface SharedFile {
  readonly fd: number;
  /** Gives it back: once for every {@link OpenFiles.open}. */
  readonly release: () => void;
}

/**
 * Files too large to be kept in memory stay open for a moment instead, shared by all who read them: looking a
 * file up, proving where it lies and opening it is a good part of what sending it costs.
 */
export class OpenFiles {
  readonly #root: SiteRoot;
  readonly #keepMs: number;
  readonly #kept = new Map<Representation, KeptFile>();

  /** @param keepMs how long a file is used before it is opened anew: as long as what is known of it is taken for true */
  constructor(root: SiteRoot, keepMs: number) {
    this.#root = root;
    this.#keepMs = keepMs;
  }

  /** @returns undefined when the file is gone or no longer the one described @throws HttpError as {@link SiteRoot.open} does */
  open(shown: Representation): SharedFile | undefined {
    const kept = this.#kept.get(shown);
    if (kept !== undefined) {
      // Written in place, it is the same file with other bytes.
      if (sameState(stateOf(fs.fstatSync(kept.fd)), shown.state)) return kept.acquire();
      this.#drop(shown, kept);
    }
    const opened = this.#root.open(shown.name);
    if (opened === undefined) return undefined;
    if (!sameState(stateOf(opened.stats), shown.state)) {
      fs.closeSync(opened.fd);
      return undefined;
    }
    const file = new KeptFile(opened.fd);
    const lent = file.acquire();
    if (this.#keepMs > 0 && this.#kept.size < MAX_KEPT) {
      if (this.#kept.size === 0) setTimeout(this.#closeAll, this.#keepMs).unref();
      this.#kept.set(shown, file);
    } else file.letGo();
    return lent;
  }

  #drop(shown: Representation, file: KeptFile): void {
    this.#kept.delete(shown);
    file.letGo();
  }

  readonly #closeAll = (): void => {
    for (const [shown, file] of this.#kept) this.#drop(shown, file);
  };
}

class KeptFile {
  readonly fd: number;
  readonly release = (): void => {
    this.#users--;
    this.#closeUnused();
  };
  #users = 0;
  #kept = true;

  constructor(fd: number) {
    this.fd = fd;
  }

  acquire(): SharedFile {
    this.#users++;
    return this;
  }

  /** Closed as soon as the last one has read it. */
  letGo(): void {
    this.#kept = false;
    this.#closeUnused();
  }

  #closeUnused(): void {
    if (this.#users === 0 && !this.#kept) fs.closeSync(this.fd);
  }
}
