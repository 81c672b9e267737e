import { lengthBit, lengthBits } from "../../http/received-fields.ts";
import type { PathPattern, Segment } from "./path-pattern.ts";
import type { SegmentPattern } from "./segment-pattern.ts";

/** What the tree needs to know of a route. */
export interface TreeEntry {
  readonly pattern: PathPattern;
  /** Lower answers first among the routes that match. */
  readonly rank: number;
}

/** A route that matches. */
export interface Match<E> {
  readonly entry: E;
  /** Parameters in the order of the pattern's names, still in canonical form. */
  readonly values: readonly string[];
  /** What a tail left over, in canonical form; "" without a tail. */
  readonly rest: string;
}

interface Node<E> {
  readonly literals: Map<string, Node<E>>;
  /** Which lengths these have: told apart by it, most segments need no look-up. */
  lengths: number;
  readonly patterns: { readonly pattern: SegmentPattern; readonly node: Node<E> }[];
  param: Node<E> | undefined;
  /** Routes that end here. */
  readonly ends: E[];
  /** Routes whose tail begins here. */
  readonly tails: E[];
}

/**
 * The paths of one host as a tree of segments: the time to match grows with the length of the path, not
 * with the number of routes. Paths without parameters are looked up whole.
 */
export class PathTree<E extends TreeEntry> {
  readonly #root: Node<E> = newNode();
  readonly #static = new Map<string, readonly Match<E>[]>();
  #staticLengths = 0;
  readonly #ignoreCase: boolean;
  /** Nothing has a parameter or a tail, so what is not in the map is not there. */
  readonly #allStatic: boolean;

  constructor(entries: readonly E[], ignoreCase = false) {
    this.#ignoreCase = ignoreCase;
    const literals: string[] = [];
    for (const entry of entries) {
      this.#insert(entry);
      const path = literalOf(entry.pattern);
      if (path !== undefined) literals.push(this.#fold(path));
    }
    this.#allStatic = literals.length === entries.length;
    for (const path of literals) this.#static.set(path, this.#walk(path));
    this.#staticLengths = lengthBits(literals);
  }

  /**
   * The routes that match, best first.
   * @param path canonical
   */
  find(path: string): readonly Match<E>[] {
    if ((this.#staticLengths & lengthBit(path.length)) !== 0) {
      const known = this.#static.get(this.#fold(path));
      if (known !== undefined) return known;
    }
    return this.#allStatic ? [] : this.#walk(path);
  }

  #fold(text: string): string {
    return this.#ignoreCase ? text.toLowerCase() : text;
  }

  #insert(entry: E): void {
    let node = this.#root;
    for (const segment of entry.pattern.segments) node = this.#child(node, segment);
    if (entry.pattern.rest === undefined) node.ends.push(entry);
    else node.tails.push(entry);
  }

  #child(node: Node<E>, segment: Segment): Node<E> {
    if (segment.kind === "param") return (node.param ??= newNode());
    if (segment.kind === "literal") {
      const text = this.#fold(segment.text);
      let child = node.literals.get(text);
      if (child === undefined) node.literals.set(text, (child = newNode()));
      node.lengths |= lengthBit(text.length);
      return child;
    }
    const { pattern } = segment;
    const same = node.patterns.find((other) => other.pattern.source === pattern.source);
    if (same !== undefined) return same.node;
    const child = newNode<E>();
    node.patterns.push({ pattern, node: child });
    return child;
  }

  #walk(path: string): readonly Match<E>[] {
    const found: Match<E>[] = [];
    if (path.charCodeAt(0) === 0x2f) this.#descend(this.#root, path, 1, [], found);
    return found.length < 2 ? found : found.sort((a, b) => a.entry.rank - b.entry.rank);
  }

  /**
   * @param from where the next segment begins; past the path's length when it is used up
   * @param values parameters so far; may be longer afterwards
   */
  #descend(start: Node<E>, path: string, from: number, values: string[], found: Match<E>[]): void {
    let node = start;
    let at = from;
    while (at <= path.length) {
      const { literals, param, patterns, tails } = node;
      if (literals.size === 0 && param === undefined && patterns.length === 0) {
        takeTails(tails, path, at, values, found);
        return;
      }
      const slash = path.indexOf("/", at);
      const end = slash < 0 ? path.length : slash;
      const known = (node.lengths & lengthBit(end - at)) !== 0;
      const literal = known ? literals.get(this.#fold(path.slice(at, end))) : undefined;
      // Most nodes have one way on: it is taken without coming back.
      if (
        patterns.length === 0 &&
        tails.length === 0 &&
        (literal === undefined || param === undefined)
      ) {
        if (literal === undefined) {
          if (param === undefined || end === at) return;
          values.push(path.slice(at, end));
        }
        node = (literal ?? param) as Node<E>;
      } else {
        this.#branch(node, literal, path, at, end, values, found);
        return;
      }
      at = end + 1;
    }
    for (const entry of node.ends) found.push({ entry, values: copyOf(values), rest: "" });
  }

  #branch(
    { patterns, param, tails }: Node<E>,
    literal: Node<E> | undefined,
    path: string,
    at: number,
    end: number,
    values: string[],
    found: Match<E>[],
  ): void {
    const depth = values.length;
    if (literal !== undefined) this.#descend(literal, path, end + 1, values, found);
    if (end > at) {
      const segment = path.slice(at, end);
      for (const { pattern, node } of patterns) {
        if (!pattern.test(segment)) continue;
        values.length = depth;
        values.push(segment);
        this.#descend(node, path, end + 1, values, found);
      }
      if (param !== undefined) {
        values.length = depth;
        values.push(segment);
        this.#descend(param, path, end + 1, values, found);
      }
    }
    values.length = depth;
    takeTails(tails, path, at, values, found);
  }
}

/** Those whose tail is what of the path begins at `at`. */
function takeTails<E extends TreeEntry>(
  tails: readonly E[],
  path: string,
  at: number,
  values: readonly string[],
  found: Match<E>[],
): void {
  for (const entry of tails) {
    const rest = path.slice(at);
    const named = entry.pattern.rest !== "";
    found.push({ entry, values: named ? [...values, rest] : copyOf(values), rest });
  }
}

const NO_VALUES: readonly string[] = [];

function copyOf(values: readonly string[]): readonly string[] {
  return values.length === 0 ? NO_VALUES : values.slice();
}

function newNode<E>(): Node<E> {
  return { literals: new Map(), lengths: 0, patterns: [], param: undefined, ends: [], tails: [] };
}

function literalOf({ segments, rest }: PathPattern): string | undefined {
  if (rest !== undefined) return undefined;
  let path = "";
  for (const segment of segments) {
    if (segment.kind !== "literal") return undefined;
    path += `/${segment.text}`;
  }
  return path;
}
