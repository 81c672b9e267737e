import { Backend } from "./backend.ts";
import type { BackendOptions } from "./backend-options.ts";
import type { Candidates } from "./candidates.ts";
import type { Discovered } from "./discovery/discovery-source.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { HealthChecker } from "./health/health-checker.ts";

/** Discovered backends beyond so many are a mistake of their source. */
const MOST = 10_000;

/** What has changed with an answer of a source. */
export interface BackendChange {
  readonly added: readonly Backend[];
  readonly removed: readonly Backend[];
  /** Those whose weight or part as a backup is another one. */
  readonly changed: readonly Backend[];
  /** Why entries could not be used. */
  readonly problems: readonly string[];
}

/** How a backend comes to be. */
export interface BackendMaker {
  make(options: BackendOptions): Backend;
  /** Undefined where nothing is checked. */
  checker(backend: Backend): HealthChecker | undefined;
}

interface Member {
  readonly backend: Backend;
  readonly checker: HealthChecker | undefined;
  readonly options: BackendOptions;
}

/** The backends of an upstream: those it was given, and those that a source names at the time. */
export class BackendSet {
  readonly #maker: BackendMaker;
  readonly #fixed = new Map<string, Member>();
  #found = new Map<string, Member>();
  #all: readonly Backend[] = [];
  #candidates: Candidates | undefined;
  #checking = false;

  /** @throws TypeError on an address that cannot be */
  constructor(fixed: readonly (string | BackendOptions)[], maker: BackendMaker) {
    this.#maker = maker;
    for (const [index, one] of fixed.entries()) {
      const member = this.#member(optionsOf(one));
      // Two of one name are two backends.
      const { name } = member.backend;
      this.#fixed.set(this.#fixed.has(name) ? `${name} ${index}` : name, member);
    }
    this.#note();
  }

  get all(): readonly Backend[] {
    return this.#all;
  }

  /** Who is told of all changes. */
  serve(candidates: Candidates): void {
    this.#candidates = candidates;
    candidates.replace(this.#all);
  }

  /** Begins to check those that are there, and those that come. */
  start(): void {
    this.#checking = true;
    for (const { checker } of this.#members()) checker?.start();
  }

  /** Checks no more; closes what is idle now and everything else once it has ended. */
  close(): void {
    this.#checking = false;
    for (const { checker, backend } of this.#members()) {
      checker?.stop();
      backend.transport.close();
    }
  }

  /**
   * Makes of the discovered ones those that a source names now. One that stays keeps its connections and all that
   * is known of it; one that was given is not discovered.
   * @throws TypeError when nothing that it names can be used; all stays as it is then
   */
  discovered(found: Discovered): BackendChange {
    if (!Array.isArray(found)) throw new TypeError("the source gave no list of backends");
    if (found.length > MOST) {
      throw new TypeError(`the source names ${found.length} backends, more than ${MOST}`);
    }
    const { wanted, problems } = read(found as Discovered);
    if (wanted.size === 0 && problems.length > 0) throw new TypeError(problems[0]);
    const before = this.#found;
    const hadOthers = this.#all.length > 0;
    const next = new Map<string, Member>();
    const added: Backend[] = [];
    const changed: Backend[] = [];
    for (const [name, options] of wanted) {
      if (this.#fixed.has(name)) continue;
      const known = before.get(name);
      if (known !== undefined && isSameServer(known.options, options)) {
        next.set(name, { ...known, options });
        if (adjust(known.backend, options)) changed.push(known.backend);
      } else {
        const member = this.#member(options);
        next.set(name, member);
        added.push(member.backend);
        if (hadOthers) member.backend.beginSlowly();
        if (this.#checking) member.checker?.start();
      }
    }
    const removed: Backend[] = [];
    for (const [name, { backend, checker }] of before) {
      if (next.get(name)?.backend === backend) continue;
      removed.push(backend);
      checker?.stop();
    }
    this.#found = next;
    if (added.length + removed.length + changed.length > 0) this.#note();
    // Not before others are chosen.
    for (const backend of removed) backend.retire();
    return { added, removed, changed, problems };
  }

  #member(options: BackendOptions): Member {
    const backend = this.#maker.make(options);
    return { backend, checker: this.#maker.checker(backend), options };
  }

  #members(): Member[] {
    return [...this.#fixed.values(), ...this.#found.values()];
  }

  #note(): void {
    this.#all = this.#members().map(({ backend }) => backend);
    this.#candidates?.replace(this.#all);
  }
}

/** What a source names, by the names of the backends; of two that are the same, the first. */
function read(found: Discovered): { wanted: Map<string, BackendOptions>; problems: string[] } {
  const wanted = new Map<string, BackendOptions>();
  const problems: string[] = [];
  for (const one of found) {
    try {
      if (one instanceof Error) throw one;
      const options = optionsOf(one);
      const { name } = parseEndpoint(options.url);
      if (!wanted.has(name)) wanted.set(name, options);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return { wanted, problems };
}

const MOST_WEIGHT = 65_535;

function optionsOf(one: string | BackendOptions): BackendOptions {
  const options: BackendOptions = typeof one === "string" ? { url: one } : one;
  if (typeof options?.url !== "string") {
    throw new TypeError(
      `${JSON.stringify(one)} is no backend: it must be an address, or have a url`,
    );
  }
  const { weight = 1 } = options;
  if (!Number.isInteger(weight) || weight < 1 || weight > MOST_WEIGHT) {
    throw new TypeError(
      `the weight of ${options.url} must be a whole number from 1 to ${MOST_WEIGHT}, not ${String(weight)}`,
    );
  }
  return options;
}

function isSameServer(one: BackendOptions, other: BackendOptions): boolean {
  return one.maxConnections === other.maxConnections && one.serverName === other.serverName;
}

/** @returns whether that changes anything */
function adjust(backend: Backend, { weight = 1, backup = false }: BackendOptions): boolean {
  if (backend.weight === weight && backend.backup === backup) return false;
  backend.weight = weight;
  backend.backup = backup;
  return true;
}
