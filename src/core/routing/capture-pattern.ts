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

/** A step that takes a character or is done, and the places to note on the way to it. */
interface Reached {
  readonly place: number;
  readonly slots: readonly number[];
  readonly isEnd: boolean;
}

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
  /** By step; worked out when it is first asked for. */
  readonly #reached: (readonly Reached[] | undefined)[] = [];
  /** Every text uses them in its turn. */
  readonly #threads: readonly [Threads, Threads];
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
    this.#threads = [new Threads(this.#steps.length), new Threads(this.#steps.length)];
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
    let [threads, following] = this.#threads;
    const steps = this.#steps;
    const reachable = this.#reached;
    const [isStart, isEnd] = [this.#start, this.#end];
    threads.clear();
    let found: Note | undefined;
    let at = from;
    for (; at <= text.length; at++) {
      // A place further left is preferred, so one that begins here comes last.
      if (found === undefined && (at === 0 || !isStart)) {
        // An end that is not the text's would be no match, so nobody needs to get there.
        const mayEnd = !isEnd || at === text.length;
        threads.add(this.#reach(this.#first), undefined, at, mayEnd);
      }
      if (threads.count === 0) break;
      following.clear();
      const code = at < text.length ? text.charCodeAt(at) : -1;
      const mayEnd = !isEnd || at + 1 === text.length;
      for (let i = 0; i < threads.count; i++) {
        const step = steps[threads.places[i] as number] as Step;
        if (step.kind === "done") {
          found = threads.notes[i];
          // The ways after this one are less preferred.
          break;
        }
        if (step.kind === "take" && step.set[code] === 1) {
          const next = reachable[step.next] ?? this.#reach(step.next);
          following.add(next, threads.notes[i], at + 1, mayEnd);
        }
      }
      [threads, following] = [following, threads];
    }
    return found === undefined ? undefined : this.#found(found, shown, at);
  }

  /** All that can be reached from a step without a character, the most preferred first. */
  #reach(from: number): readonly Reached[] {
    const known = this.#reached[from];
    if (known !== undefined) return known;
    const reached: Reached[] = [];
    const seen = new Set<number>();
    const open: [place: number, slots: readonly number[]][] = [[from, []]];
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      const [place, slots] = one;
      if (seen.has(place)) continue;
      seen.add(place);
      const step = this.#steps[place] as Step;
      if (step.kind === "note") open.push([step.next, [...slots, step.slot]]);
      else if (step.kind === "ways") {
        for (let i = step.next.length - 1; i >= 0; i--) open.push([step.next[i] as number, slots]);
      } else reached.push({ place, slots, isEnd: step.kind === "done" });
    }
    return (this.#reached[from] = reached);
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
  readonly places: number[] = [];
  readonly notes: (Note | undefined)[] = [];
  /** By place: when it was last added. */
  readonly #added: Float64Array;
  #time = 0;

  constructor(steps: number) {
    this.#added = new Float64Array(steps);
  }

  clear(): void {
    this.count = 0;
    this.#time++;
  }

  add(reached: readonly Reached[], before: Note | undefined, at: number, mayEnd: boolean): void {
    const added = this.#added;
    const time = this.#time;
    for (let i = 0; i < reached.length; i++) {
      const { place, slots, isEnd } = reached[i] as Reached;
      if (added[place] === time || (isEnd && !mayEnd)) continue;
      added[place] = time;
      let note = before;
      for (let j = 0; j < slots.length; j++) note = { slot: slots[j] as number, at, before: note };
      this.places[this.count] = place;
      this.notes[this.count++] = note;
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
