import type { Store } from "../../store/store.ts";
import type { Choice } from "./split.ts";
import { Split } from "./split.ts";

const CHANNEL = "split-weights";

/** What {@link Splits} tell of one. */
export interface SplitState {
  readonly name: string;
  /** Whether the weights are other than those of the configuration. */
  readonly changed: boolean;
  readonly choices: readonly (Choice & { readonly configured: number })[];
}

/** Looks at the shares of splits, and changes them while they are in use. */
export interface SplitControl {
  states(): readonly SplitState[];
  /**
   * Sets weights by the names of choices, in every process that shares the store. Choices that are not named keep
   * theirs.
   * @param weights undefined for those of the configuration
   * @throws SplitError
   * @example await front.splits.change("shop", { shop: 50, "shop-next": 50 })
   */
  change(name: string, weights: Readonly<Record<string, unknown>> | undefined): Promise<void>;
}

/** A change that cannot be made. The message says why. */
export class SplitError extends Error {
  readonly code: "unknown_split" | "bad_weights";

  constructor(code: SplitError["code"], message: string) {
    super(message);
    this.name = "SplitError";
    this.code = code;
  }
}

/**
 * The splits of a process, through all reloads: one whose choices stay as they are keeps its weights, also those that
 * were changed while it ran. Workers agree through the store.
 */
export class Splits implements SplitControl {
  readonly #held = new Map<string, { readonly split: Split; users: number }>();
  #store: Store | undefined;
  #unsubscribe: (() => void) | undefined;

  /** Splits in use now. */
  get all(): readonly Split[] {
    return [...this.#held.values()].map(({ split }) => split);
  }

  /** @param store what all processes agree on; without it changes are this process's own */
  connect(store: Store | undefined): void {
    if (store === this.#store) return;
    this.#unsubscribe?.();
    this.#store = store;
    this.#unsubscribe = store?.subscribe(CHANNEL, (message) => this.#take(message as Changed));
  }

  /** The split of these choices, which counts as in use from {@link begin} on. */
  async of(name: string, choices: readonly Choice[]): Promise<Split> {
    const made = new Split(name, choices);
    const held = this.#held.get(made.identity);
    if (held !== undefined) return held.split;
    const kept = (await this.#store?.get(keyOf(name))) as Changed | undefined;
    if (kept?.identity === made.identity) made.set(kept.weights);
    return made;
  }

  begin(split: Split): void {
    const held = this.#held.get(split.identity);
    if (held === undefined) this.#held.set(split.identity, { split, users: 1 });
    else held.users++;
  }

  end(split: Split): void {
    const held = this.#held.get(split.identity);
    if (held !== undefined && --held.users === 0) this.#held.delete(split.identity);
  }

  states(): SplitState[] {
    return this.all.map((split) => ({
      name: split.name,
      changed: split.changed,
      choices: split.weights.map((choice, at) => ({
        ...choice,
        configured: (split.configured[at] as Choice).weight,
      })),
    }));
  }

  async change(
    name: string,
    weights: Readonly<Record<string, unknown>> | undefined,
  ): Promise<void> {
    const split = this.all.findLast((one) => one.name === name);
    if (split === undefined) {
      const names = this.all.map((one) => one.name).join(", ") || "none";
      throw new SplitError("unknown_split", `there is no split "${name}": there are ${names}`);
    }
    const next =
      weights === undefined ? split.configured.map(({ weight }) => weight) : merged(split, weights);
    split.set(next);
    const changed: Changed = { identity: split.identity, weights: next };
    if (weights === undefined) await this.#store?.delete(keyOf(name));
    else await this.#store?.set(keyOf(name), changed);
    await this.#store?.publish(CHANNEL, changed);
  }

  #take({ identity, weights }: Changed): void {
    this.#held.get(identity)?.split.set(weights);
  }
}

/** As it is kept for workers to come, and sent to those that are. */
type Changed = { readonly identity: string; readonly weights: readonly number[] };

function keyOf(name: string): string {
  return `split-weights:${name}`;
}

/** @throws SplitError */
function merged(split: Split, weights: Readonly<Record<string, unknown>>): number[] {
  const names = split.configured.map(({ name }) => name);
  for (const [name, weight] of Object.entries(weights)) {
    if (!names.includes(name)) {
      const known = names.join(", ");
      throw new SplitError("bad_weights", `"${name}" is no choice of it: there are ${known}`);
    }
    if (!Number.isInteger(weight) || (weight as number) < 0 || (weight as number) > MOST_WEIGHT) {
      const message = `the weight of "${name}" must be a whole number from 0 to ${MOST_WEIGHT}`;
      throw new SplitError("bad_weights", message);
    }
  }
  const next = split.weights.map(({ name, weight }) => (weights[name] as number) ?? weight);
  if (next.every((weight) => weight === 0)) {
    throw new SplitError("bad_weights", "one of its choices must have a weight of more than 0");
  }
  return next;
}

/** Of one choice. */
export const MOST_WEIGHT = 1_000_000;
