import type { Environment } from "../config/environment.ts";
import type { UpstreamConfig } from "../config/schema/config.ts";
import { Upstream } from "../upstream/upstream.ts";
import type { UpstreamObserver } from "../upstream/upstream-observer.ts";
import { discoverySource, factsOf } from "./discovery.ts";
import { upstreamOptions } from "./upstream-options.ts";

/**
 * The upstreams of a process, through all reloads: one whose settings stay as they are stays itself, with its
 * connections and all that is known of its backends.
 */
export class Upstreams {
  readonly #held = new Map<string, Held>();
  readonly #observer: UpstreamObserver | undefined;
  readonly #env: Environment;

  /** @param env where discovery looks variables up */
  constructor(observer?: UpstreamObserver, env: Environment = process.env) {
    this.#observer = observer;
    this.#env = env;
  }

  /** Those in use now. */
  get all(): readonly Upstream[] {
    return [...this.#held.values()].map(({ upstream }) => upstream);
  }

  /** The upstreams of a configuration; nothing is connected or checked before {@link UpstreamSet.start}. */
  of(configs: readonly UpstreamConfig[]): UpstreamSet {
    const members = configs.map((config) => {
      const facts = factsOf(config.discovery, this.#env);
      const key = JSON.stringify([config, facts]);
      const source = config.discovery && JSON.stringify([config.discovery, facts]);
      const upstream = this.#held.get(key)?.upstream ?? this.#make(config, source);
      return { key, upstream, source };
    });
    return new UpstreamSet(members, {
      begin: (member) => this.#begin(member),
      end: (key) => this.#end(key),
    });
  }

  #make(config: UpstreamConfig, source: string | undefined): Upstream {
    const observer = this.#observer;
    const { discovery } = config;
    // What another one knows from the same source holds until this one has asked.
    const known =
      source === undefined
        ? undefined
        : [...this.#held.values()].findLast((held) => held.source === source)?.upstream.discovered;
    return new Upstream({
      ...upstreamOptions(config),
      ...(observer && { observer }),
      ...(discovery && { discovery: discoverySource(discovery, config.name, this.#env) }),
      ...(known && { discovered: known }),
    });
  }

  #begin({ key, upstream, source }: Member): Promise<void> {
    const held = this.#held.get(key);
    if (held === undefined) {
      this.#held.set(key, { upstream, source, users: 1 });
      upstream.start();
    } else held.users++;
    return upstream.ready;
  }

  #end(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined || --held.users > 0) return;
    this.#held.delete(key);
    held.upstream.close();
  }
}

interface Keeper {
  begin(member: Member): Promise<void>;
  end(key: string): void;
}

interface Member {
  readonly key: string;
  readonly upstream: Upstream;
  /** What its backends are discovered by, if they are. */
  readonly source: string | undefined;
}

interface Held {
  readonly upstream: Upstream;
  readonly source: string | undefined;
  users: number;
}

/** How long is waited for the first answers of discoveries before requests are taken. */
const FIRST_ANSWER_MS = 3_000;

/** The upstreams of one configuration, for as long as it is served. */
export class UpstreamSet {
  readonly #members: readonly Member[];
  readonly #byName: ReadonlyMap<string, Upstream>;
  readonly #keeper: Keeper;

  constructor(members: readonly Member[], keeper: Keeper) {
    this.#members = members;
    this.#byName = new Map(members.map(({ upstream }) => [upstream.name, upstream]));
    this.#keeper = keeper;
  }

  get size(): number {
    return this.#members.length;
  }

  /** @throws Error when there is none of that name, which a check has ruled out */
  get(name: string): Upstream {
    const found = this.#byName.get(name);
    if (found === undefined) throw new Error(`there is no upstream ${name}`);
    return found;
  }

  /** Settles when the backends are known, or when that takes too long to wait for. */
  async start(): Promise<void> {
    const ready = Promise.all(this.#members.map((member) => this.#keeper.begin(member)));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, FIRST_ANSWER_MS)));
    await Promise.race([ready, late]);
    clearTimeout(timer);
  }

  stop(): void {
    for (const { key } of this.#members) this.#keeper.end(key);
  }
}
