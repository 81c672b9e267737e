import type { Resolved } from "./resolve.ts";
import { resolve } from "./resolve.ts";
import type { ResolverSettings } from "./resolvers.ts";

export type AddressType = "A" | "AAAA";

/** An address, and the seconds for which it holds. */
export interface Address {
  readonly address: string;
  readonly ttl: number;
}

/**
 * The addresses of one name, asked for again and again. A kind of them that no server answers for now, while one
 * does for the other, keeps those it had.
 */
export class Addresses {
  readonly #name: string;
  readonly #types: readonly AddressType[];
  readonly #known = new Map<AddressType, Resolved<AddressType>>();

  constructor(name: string, types: readonly AddressType[]) {
    this.#name = name;
    this.#types = types;
  }

  /** @throws Error when no server answers for any kind, or there is none but for a kind that none answers for */
  async ask(settings: ResolverSettings, signal: AbortSignal): Promise<readonly Address[]> {
    const asked = await Promise.allSettled(
      this.#types.map((type) => resolve(this.#name, type, settings, signal)),
    );
    signal.throwIfAborted();
    let failure: unknown;
    let answers = 0;
    for (const [i, one] of asked.entries()) {
      const type = this.#types[i] as AddressType;
      if (one.status === "fulfilled") {
        this.#known.set(type, one.value);
        answers++;
      } else {
        failure ??= one.reason;
      }
    }
    const addresses = [...this.#known.values()].flatMap(({ records, ttl }) =>
      records.map(({ address }) => ({ address, ttl })),
    );
    if (failure !== undefined && (answers === 0 || addresses.length === 0)) throw failure;
    return addresses;
  }
}
