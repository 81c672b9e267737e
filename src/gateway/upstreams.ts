import type { UpstreamConfig } from "../config/schema/config.ts";
import { Upstream } from "../upstream/upstream.ts";
import type { UpstreamObserver } from "../upstream/upstream-observer.ts";
import { upstreamOptions } from "./upstream-options.ts";

/**
 * The upstreams of a process, through all reloads: one whose settings stay as they are stays itself, with its
 * connections and all that is known of its backends.
 */
export class Upstreams {
  readonly #held = new Map<string, { readonly upstream: Upstream; users: number }>();
  readonly #observer: UpstreamObserver | undefined;

  constructor(observer?: UpstreamObserver) {
    this.#observer = observer;
  }

  /** Those in use now. */
  get all(): readonly Upstream[] {
    return [...this.#held.values()].map(({ upstream }) => upstream);
  }

  /** The upstreams of a configuration; nothing is connected or checked before {@link UpstreamSet.start}. */
  of(configs: readonly UpstreamConfig[]): UpstreamSet {
    const members = configs.map((config) => {
      const key = JSON.stringify(config);
      const upstream = this.#held.get(key)?.upstream ?? this.#make(config);
      return { key, upstream };
    });
    return new UpstreamSet(members, {
      begin: (key, upstream) => this.#begin(key, upstream),
      end: (key) => this.#end(key),
    });
  }

  #make(config: UpstreamConfig): Upstream {
    const observer = this.#observer;
    return new Upstream({ ...upstreamOptions(config), ...(observer && { observer }) });
  }

  #begin(key: string, upstream: Upstream): void {
    const held = this.#held.get(key);
    if (held !== undefined) {
      held.users++;
      return;
    }
    this.#held.set(key, { upstream, users: 1 });
    upstream.start();
  }

  #end(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined || --held.users > 0) return;
    this.#held.delete(key);
    held.upstream.close();
  }
}

interface Keeper {
  begin(key: string, upstream: Upstream): void;
  end(key: string): void;
}

interface Member {
  readonly key: string;
  readonly upstream: Upstream;
}

/** The upstreams of one configuration, for as long as it is served. */
export class UpstreamSet {
  readonly #members: readonly Member[];
  readonly #keeper: Keeper;

  constructor(members: readonly Member[], keeper: Keeper) {
    this.#members = members;
    this.#keeper = keeper;
  }

  get size(): number {
    return this.#members.length;
  }

  /** @throws Error when there is none of that name, which a check has ruled out */
  get(name: string): Upstream {
    const found = this.#members.find(({ upstream }) => upstream.name === name);
    if (found === undefined) throw new Error(`there is no upstream ${name}`);
    return found.upstream;
  }

  start(): void {
    for (const { key, upstream } of this.#members) this.#keeper.begin(key, upstream);
  }

  stop(): void {
    for (const { key } of this.#members) this.#keeper.end(key);
  }
}
