import type { KeyPath } from "./path-key.ts";
import { pathKey } from "./path-key.ts";

/** A set of paths that answers for what is around them too, at the cost of a path's depth. */
export class PathSet {
  readonly #members = new Set<string>();
  readonly #above = new Set<string>();

  add(path: KeyPath): void {
    this.#members.add(pathKey(path));
    for (let length = path.length; length >= 0; length--) {
      const id = pathKey(path.slice(0, length));
      if (this.#above.has(id)) return;
      this.#above.add(id);
    }
  }

  /** Whether the path or something around it is a member. */
  covers(path: KeyPath): boolean {
    if (this.#members.size === 0) return false;
    for (let length = path.length; length >= 0; length--) {
      if (this.#members.has(pathKey(path.slice(0, length)))) return true;
    }
    return false;
  }

  /** Whether the path, something around it or something in it is a member. */
  touches(path: KeyPath): boolean {
    return this.#above.has(pathKey(path)) || this.covers(path);
  }
}
