import type { Limits } from "./limits.ts";

/** Counts open connections, in all and per client address, over every listener of a server. */
export class Gate {
  #open = 0;
  readonly #clients = new Map<string, number>();

  get open(): number {
    return this.#open;
  }

  /** @returns why a connection must be turned away, or undefined: it counts from now on. */
  enter(
    address: string,
    limits: Limits,
  ): "too_many_connections" | "too_many_from_client" | undefined {
    if (this.#open >= limits.connections) return "too_many_connections";
    const count = this.#clients.get(address) ?? 0;
    const limit = limits.connectionsPerClient;
    if (limit > 0 && count >= limit) return "too_many_from_client";
    this.#clients.set(address, count + 1);
    this.#open++;
    return undefined;
  }

  leave(address: string): void {
    this.#open--;
    const count = this.#clients.get(address) ?? 0;
    if (count <= 1) this.#clients.delete(address);
    else this.#clients.set(address, count - 1);
  }
}
