import type { CharacterSet, Syntax } from "./segment-syntax.ts";
import { parseSegmentSyntax } from "./segment-syntax.ts";

/** A state of the automaton: it takes a character of its set, or goes on without one. */
interface State {
  readonly set: CharacterSet | undefined;
  readonly next: number[];
}

/** Where the automaton can be after some characters. */
interface Position {
  readonly states: readonly number[];
  readonly accepts: boolean;
  /** By character; undefined where it was not worked out, null where nothing goes on. */
  readonly after: (Position | null | undefined)[];
}

const ACCEPT = 0;
const STATES_AT_MOST = 2_000;
/** Positions worked out so far are kept; past this many they are forgotten and begun anew. */
const POSITIONS_AT_MOST = 500;

/**
 * The regular expression of a `:name{regexp}` parameter. It must match the whole segment in its canonical form,
 * and takes time linear in it whatever the expression, so that no address can stall the server.
 */
export class SegmentPattern {
  readonly source: string;
  readonly #states: State[] = [{ set: undefined, next: [] }];
  readonly #first: number;
  #positions = new Map<string, Position>();

  /** @throws SyntaxError: see {@link parseSegmentSyntax} */
  constructor(source: string) {
    this.source = source;
    this.#first = this.#build(parseSegmentSyntax(source), ACCEPT);
  }

  /** @param segment in canonical form */
  test(segment: string): boolean {
    let position: Position | null = this.#begin();
    for (let i = 0; i < segment.length && position !== null; i++) {
      position = this.#after(position, segment.charCodeAt(i));
    }
    return position?.accepts === true;
  }

  /** Whether some segment matches both. Where that would take too long to find out, it is taken to be so. */
  meets(other: SegmentPattern): boolean {
    const seen = new Set<string>();
    const open: [Position, Position][] = [[this.#begin(), other.#begin()]];
    for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
      const [a, b] = pair;
      if (a.accepts && b.accepts) return true;
      if (seen.size > POSITIONS_AT_MOST) return true;
      const key = `${a.states.join()} ${b.states.join()}`;
      if (seen.has(key)) continue;
      seen.add(key);
      // Characters that a canonical segment can have.
      for (let code = 0x21; code < 0x7f; code++) {
        const nextA = this.#after(a, code);
        const nextB = nextA && other.#after(b, code);
        if (nextA !== null && nextB !== null) open.push([nextA, nextB]);
      }
    }
    return false;
  }

  #begin(): Position {
    return this.#position([this.#first]);
  }

  #after(position: Position, code: number): Position | null {
    if (code > 0x7f) return null;
    const known = position.after[code];
    if (known !== undefined) return known;
    const next = position.states.flatMap((id) => {
      const { set, next: targets } = this.#states[id] as State;
      return set?.[code] === 1 ? targets : [];
    });
    return (position.after[code] = next.length === 0 ? null : this.#position(next));
  }

  /** Everything that can be reached without a character. */
  #position(from: readonly number[]): Position {
    const reached = new Set(from);
    for (const id of reached) {
      const { set, next } = this.#states[id] as State;
      if (set === undefined) for (const target of next) reached.add(target);
    }
    const states = [...reached].toSorted((a, b) => a - b);
    const key = states.join();
    let position = this.#positions.get(key);
    if (position === undefined) {
      if (this.#positions.size >= POSITIONS_AT_MOST) this.#positions = new Map();
      position = { states, accepts: reached.has(ACCEPT), after: [] };
      this.#positions.set(key, position);
    }
    return position;
  }

  /** Adds the states of a part that goes on to `next`. @returns where it begins */
  #build(syntax: Syntax, next: number): number {
    switch (syntax.kind) {
      case "set":
        return this.#state(syntax.set, [next]);
      case "group":
        return this.#build(syntax.part, next);
      case "sequence":
        return syntax.parts.reduceRight((after, part) => this.#build(part, after), next);
      case "choice":
        return this.#state(
          undefined,
          syntax.options.map((option) => this.#build(option, next)),
        );
      case "repeat":
        return this.#repeat(syntax, next);
    }
  }

  #repeat({ part, least, most }: Extract<Syntax, { kind: "repeat" }>, next: number): number {
    let at = next;
    if (most === Infinity) {
      const exits = [next];
      at = this.#state(undefined, exits);
      exits.push(this.#build(part, at));
    } else {
      for (let i = least; i < most; i++) {
        at = this.#state(undefined, [this.#build(part, at), next]);
      }
    }
    for (let i = 0; i < least; i++) at = this.#build(part, at);
    return at;
  }

  #state(set: CharacterSet | undefined, next: number[]): number {
    if (this.#states.length >= STATES_AT_MOST) throw new SyntaxError("it is too large");
    return this.#states.push({ set, next }) - 1;
  }
}
