import type { CharacterSet, Syntax } from "./segment-syntax.ts";

/** What the groups of an expression took, by number from 1 and by name: a `RegExpExecArray` is one. */
export interface Captures {
  readonly [index: number]: string | undefined;
  readonly groups?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Where an expression was found. */
export interface Found {
  readonly captures: Captures;
  readonly start: number;
  readonly end: number;
  /** How far it was looked to know that. */
  readonly looked: number;
}

/** The groups that an expression has. */
export interface GroupNames {
  readonly count: number;
  /** Each with its number. */
  readonly names: ReadonlyMap<string, number>;
}

/** One step: takes a character, notes a place, tries several ways in their order, or is done. */
type Step =
  | { readonly kind: "take"; readonly set: CharacterSet; readonly next: number }
  | { readonly kind: "note"; readonly slot: number; readonly next: number }
  | { readonly kind: "ways"; readonly next: number[] }
  | { readonly kind: "done" };

/** Places noted so far, the last first. Threads share what they have in common. */
interface Note {
  readonly slot: number;
  readonly at: number;
  readonly before: Note | undefined;
}

/**
 * Finds what the groups of an expression take, by its preferences as `RegExp` has them, in time linear in the text:
 * all ways are followed at once, one character after the other (Pike's machine).
 */
export class CapturePattern {
  readonly groups: GroupNames;
  readonly #steps: Step[] = [{ kind: "done" }];
  readonly #first: number;
  readonly #start: boolean;
  readonly #end: boolean;

  /** @param anchors whether it must begin where the text does, and end where it does */
  constructor(syntax: Syntax, anchors: { readonly start: boolean; readonly end: boolean }) {
    const names = new Map<string, number>();
    this.groups = { count: countGroups(syntax, names), names };
    this.#start = anchors.start;
    this.#end = anchors.end;
    const whole: Syntax = { kind: "group", part: syntax, index: 0, name: undefined };
    this.#first = this.#build(whole, DONE);
  }

  /** @param text of ASCII */
  exec(text: string): Captures | undefined {
    return this.find(text, 0, text)?.captures;
  }

  /**
   * @param text of ASCII
   * @param from where to begin to look; `^` is found at 0 only
   * @param shown what stands in the captures: a text of the same length
   */
  find(text: string, from: number, shown: string): Found | undefined {
    let threads = new Threads(this.#steps);
    let following = new Threads(this.#steps);
    let found: Note | undefined;
    let at = from;
    for (; at <= text.length; at++) {
      // A place further left is preferred, so one that begins here comes last.
      if (found === undefined && (at === 0 || !this.#start))
        threads.add(this.#first, undefined, at);
      if (threads.count === 0) break;
      following.clear();
      const code = at < text.length ? text.charCodeAt(at) : -1;
      for (let i = 0; i < threads.count; i++) {
        const step = this.#steps[threads.at(i)] as Step;
        if (step.kind === "done") {
          if (this.#end && at < text.length) continue;
          found = threads.notes(i);
          // The ways after this one are less preferred.
          break;
        }
        if (step.kind === "take" && step.set[code] === 1) {
          following.add(step.next, threads.notes(i), at + 1);
        }
      }
      [threads, following] = [following, threads];
    }
    return found === undefined ? undefined : this.#found(found, shown, at);
  }

  #found(found: Note, text: string, looked: number): Found {
    const places: (number | undefined)[] = [];
    for (let note: Note | undefined = found; note !== undefined; note = note.before) {
      places[note.slot] ??= note.at;
    }
    const captures: (string | undefined)[] = [];
    for (let index = 0; index <= this.groups.count; index++) {
      const [from, to] = [places[2 * index], places[2 * index + 1]];
      captures.push(from === undefined || to === undefined ? undefined : text.slice(from, to));
    }
    const groups: Record<string, string | undefined> = Object.create(null) as object as never;
    for (const [name, index] of this.groups.names) groups[name] = captures[index];
    const [start = 0, end = 0] = places;
    return { captures: Object.assign(captures, { groups }), start, end, looked };
  }

  /** Adds the steps of a part that goes on to `next`. @returns where it begins */
  #build(syntax: Syntax, next: number): number {
    switch (syntax.kind) {
      case "set":
        return this.#step({ kind: "take", set: syntax.set, next });
      case "group": {
        const end = this.#step({ kind: "note", slot: 2 * syntax.index + 1, next });
        const inner = this.#build(syntax.part, end);
        return this.#step({ kind: "note", slot: 2 * syntax.index, next: inner });
      }
      case "sequence":
        return syntax.parts.reduceRight((after, part) => this.#build(part, after), next);
      case "choice":
        return this.#step({
          kind: "ways",
          next: syntax.options.map((option) => this.#build(option, next)),
        });
      case "repeat":
        return this.#repeat(syntax, next);
    }
  }

  #repeat({ part, least, most }: Extract<Syntax, { kind: "repeat" }>, next: number): number {
    let at = next;
    if (most === Infinity) {
      const ways: number[] = [];
      at = this.#step({ kind: "ways", next: ways });
      ways.push(this.#build(part, at), next);
    } else {
      for (let i = least; i < most; i++) {
        at = this.#step({ kind: "ways", next: [this.#build(part, at), next] });
      }
    }
    for (let i = 0; i < least; i++) at = this.#build(part, at);
    return at;
  }

  #step(step: Step): number {
    return this.#steps.push(step) - 1;
  }
}

const DONE = 0;

/** Where the machine is after some characters, the most preferred way first. */
class Threads {
  count = 0;
  readonly #steps: readonly Step[];
  readonly #places: number[] = [];
  readonly #notes: (Note | undefined)[] = [];
  readonly #seen = new Set<number>();

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  at(index: number): number {
    return this.#places[index] as number;
  }

  notes(index: number): Note | undefined {
    return this.#notes[index];
  }

  clear(): void {
    this.count = 0;
    this.#seen.clear();
  }

  /** Adds all that can be reached without a character. */
  add(from: number, notes: Note | undefined, at: number): void {
    const open: [number, Note | undefined][] = [[from, notes]];
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      const [place, noted] = one;
      if (this.#seen.has(place)) continue;
      this.#seen.add(place);
      const step = this.#steps[place] as Step;
      if (step.kind === "note") {
        open.push([step.next, { slot: step.slot, at, before: noted }]);
      } else if (step.kind === "ways") {
        for (let i = step.next.length - 1; i >= 0; i--) open.push([step.next[i] as number, noted]);
      } else {
        this.#places[this.count] = place;
        this.#notes[this.count] = noted;
        this.count++;
      }
    }
  }
}

function countGroups(syntax: Syntax, names: Map<string, number>): number {
  switch (syntax.kind) {
    case "set":
      return 0;
    case "group":
      if (syntax.name !== undefined) names.set(syntax.name, syntax.index);
      return 1 + countGroups(syntax.part, names);
    case "repeat":
      return countGroups(syntax.part, names);
    case "sequence":
      return syntax.parts.reduce((sum, part) => sum + countGroups(part, names), 0);
    case "choice":
      return syntax.options.reduce((sum, part) => sum + countGroups(part, names), 0);
  }
}
