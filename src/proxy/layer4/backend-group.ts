import { isIP } from "node:net";

/** How a backend is chosen for a new connection or session. */
export type Layer4Strategy = "round_robin" | "least_conn" | "random" | "ip_hash";
export const layer4Strategies = ["round_robin", "least_conn", "random", "ip_hash"] as const;

/** Where a backend is. */
export interface Layer4Address {
  /** As it was written, for messages. */
  readonly name: string;
  /** A host name or an IP address; undefined for a unix socket. */
  readonly host: string | undefined;
  readonly port: number;
  readonly unix: string | undefined;
}

/** A backend and how it is doing, shared by all proxies and reloads that keep it. */
export class Layer4Backend implements Layer4Address {
  readonly name: string;
  readonly host: string | undefined;
  readonly port: number;
  readonly unix: string | undefined;
  weight: number;
  /** Connections or sessions at present. */
  open = 0;
  /** Those that could not be made. */
  failures = 0;
  /** Until when it is tried last, in milliseconds of `performance.now()`. */
  downUntil = 0;
  /** Smooth weighted round robin's own. */
  current = 0;
  #illness: string | undefined;

  constructor(address: Layer4Address, weight = 1) {
    this.name = address.name;
    this.host = address.host;
    this.port = address.port;
    this.unix = address.unix;
    this.weight = weight;
  }

  /** What checks have found wrong; undefined as long as they find it well. */
  get illness(): string | undefined {
    return this.#illness;
  }

  /** Checks have found something else than before. @param reason what is wrong */
  noteHealth(healthy: boolean, reason = "its check failed"): void {
    this.#illness = healthy ? undefined : reason;
    // It is known to be there again.
    if (healthy) this.downUntil = 0;
  }
}

export interface BackendGroupOptions {
  readonly strategy: Layer4Strategy;
  /** Milliseconds for which a backend that failed is tried last. */
  readonly downMs: number;
  /** A clock in milliseconds. */
  readonly now?: () => number;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

/**
 * Backends that can stand in for each other. Every one of them is offered for every connection, in an order
 * of preference, so that a connection fails only when all do; but for those that checks have found ill.
 */
export class BackendGroup {
  readonly backends: readonly Layer4Backend[];
  readonly #strategy: Layer4Strategy;
  readonly #downMs: number;
  readonly #now: () => number;
  readonly #random: () => number;

  constructor(backends: readonly Layer4Backend[], options: BackendGroupOptions) {
    this.backends = backends;
    this.#strategy = options.strategy;
    this.#downMs = options.downMs;
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
  }

  /** @param client the client's address, without its port */
  candidates(client: string): Layer4Backend[] {
    const first = this.#order(this.#well(), client);
    const now = this.#now();
    if (!first.some(({ downUntil }) => downUntil > now)) return first;
    return [
      ...first.filter(({ downUntil }) => downUntil <= now),
      ...first.filter(({ downUntil }) => downUntil > now),
    ];
  }

  /** A connection to it was made. */
  worked(backend: Layer4Backend): void {
    backend.downUntil = 0;
  }

  /** It could not be connected to. */
  failed(backend: Layer4Backend): void {
    backend.failures++;
    backend.downUntil = this.#now() + this.#downMs;
  }

  #well(): readonly Layer4Backend[] {
    const { backends } = this;
    return backends.some(({ illness }) => illness !== undefined)
      ? backends.filter(({ illness }) => illness === undefined)
      : backends;
  }

  #order(backends: readonly Layer4Backend[], client: string): Layer4Backend[] {
    switch (this.#strategy) {
      case "round_robin":
        return this.#roundRobin(backends);
      case "least_conn":
        return backends.toSorted((a, b) => (a.open + 1) / a.weight - (b.open + 1) / b.weight);
      case "random":
        return weighted(backends, () => this.#random());
      case "ip_hash":
        return weighted(backends, (backend) => hash(`${client} ${backend.name}`));
    }
  }

  /** Smooth weighted round robin, as nginx has it; the others follow in turn. */
  #roundRobin(backends: readonly Layer4Backend[]): Layer4Backend[] {
    if (backends.length === 0) return [];
    const now = this.#now();
    const up = backends.filter(({ downUntil }) => downUntil <= now);
    const turning = up.length > 0 ? up : backends;
    let best = turning[0] as Layer4Backend;
    let total = 0;
    for (const backend of turning) {
      backend.current += backend.weight;
      total += backend.weight;
      if (backend.current > best.current) best = backend;
    }
    best.current -= total;
    const at = backends.indexOf(best);
    return [...backends.slice(at), ...backends.slice(0, at)];
  }
}

/**
 * Weighted rendezvous hashing: each backend draws a number, the highest one wins in proportion to its
 * weight, and a backend that is gone moves nobody else's clients.
 */
function weighted(
  backends: readonly Layer4Backend[],
  draw: (backend: Layer4Backend) => number,
): Layer4Backend[] {
  return backends
    .map((backend) => ({ backend, score: -backend.weight / Math.log(draw(backend) || 1e-12) }))
    .toSorted((a, b) => b.score - a.score)
    .map(({ backend }) => backend);
}

/** A text's place between 0 and 1: FNV-1a with the finisher of MurmurHash 3, for neighbours to lie far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return ((value ^ (value >>> 16)) >>> 0) / 0x1_0000_0000;
}

/**
 * Reads the address of a backend: `10.0.0.1:5432`, `db.internal:5432`, `[::1]:53` or `unix:/run/db.sock`.
 * @throws TypeError that says what is expected
 */
export function parseLayer4Address(text: string): Layer4Address {
  if (text.startsWith("unix:")) {
    const unix = text.slice(5);
    // The length of sun_path (unix(7)), its final zero counted.
    if (!unix.startsWith("/") || new TextEncoder().encode(unix).length > 107) {
      throw new TypeError("unix: needs an absolute path of at most 107 bytes");
    }
    return { name: text, host: undefined, port: 0, unix };
  }
  const scheme = /^([a-z][a-z0-9]*):\/\//i.exec(text)?.[0];
  if (scheme !== undefined) {
    throw new TypeError(`must be host:port: leave ${scheme} out, bytes are passed on as they are`);
  }
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535 || (match[1] && isIP(match[1]) !== 6)) {
    throw new TypeError("must be host:port, such as 10.0.0.1:5432 or [::1]:5432");
  }
  const host = (match[1] ?? match[2]) as string;
  return { name: text, host, port, unix: undefined };
}
