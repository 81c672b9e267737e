import type { Config, RouteConfig } from "../../config/schema/config.ts";
import type { MirrorCounts } from "../../proxy/mirror/mirror-counts.ts";
import type { Store } from "../../store/store.ts";
import { routeId } from "../route-id.ts";
import { Mirrors } from "./mirrors.ts";
import type { Split } from "./split.ts";
import { Splits } from "./splits.ts";

type Action = RouteConfig["action"];

/** How a process shares requests out, through all reloads. */
export class Traffic {
  readonly splits = new Splits();
  readonly mirrors = new Mirrors();

  /**
   * What the routes of a configuration need; in use from {@link TrafficSet.start} on.
   * @param store what all processes agree on
   */
  async of(config: Config, store: Store | undefined): Promise<TrafficSet> {
    this.splits.connect(store);
    const splits = new Map<Action, Split>();
    const mirrors = new Map<Action, MirrorCounts>();
    for (const [index, route] of config.route.entries()) {
      const { action } = route;
      const name = routeId(route, index + 1);
      if (action.type === "mirror") mirrors.set(action, this.mirrors.of(name));
      if (action.type !== "split") continue;
      const choices = action.choices.map(({ name: own, upstream, weight }) => {
        return { name: own ?? upstream, weight };
      });
      splits.set(action, await this.splits.of(name, choices));
    }
    return new TrafficSet(this, splits, mirrors);
  }
}

/** The splits and mirrors of one configuration, for as long as it is served. */
export class TrafficSet {
  readonly #traffic: Traffic;
  readonly #splits: ReadonlyMap<Action, Split>;
  readonly #mirrors: ReadonlyMap<Action, MirrorCounts>;

  constructor(
    traffic: Traffic,
    splits: ReadonlyMap<Action, Split>,
    mirrors: ReadonlyMap<Action, MirrorCounts>,
  ) {
    this.#traffic = traffic;
    this.#splits = splits;
    this.#mirrors = mirrors;
  }

  splitOf(action: Action): Split {
    return this.#splits.get(action) as Split;
  }

  countsOf(action: Action): MirrorCounts {
    return this.#mirrors.get(action) as MirrorCounts;
  }

  start(): void {
    for (const split of this.#splits.values()) this.#traffic.splits.begin(split);
    for (const counts of this.#mirrors.values()) this.#traffic.mirrors.begin(counts);
  }

  stop(): void {
    for (const split of this.#splits.values()) this.#traffic.splits.end(split);
    for (const counts of this.#mirrors.values()) this.#traffic.mirrors.end(counts);
  }
}
