import type { Match, TreeEntry } from "./path-tree.ts";
import { PathTree } from "./path-tree.ts";

/** A route as the table sees it. */
export interface TableEntry extends TreeEntry {
  /** Exact host, `*.example.com` (one label), or undefined for any. Without a port. */
  readonly host: string | undefined;
}

/**
 * The one route table: compiled once into a look-up by host and then by path, whose cost does not grow with
 * the number of routes.
 */
export class RouteTable<E extends TableEntry> {
  readonly #exactHosts = new Map<string, PathTree<E>>();
  readonly #wildcardHosts = new Map<string, PathTree<E>>();
  readonly #anyHost: PathTree<E>;
  readonly #hostless: boolean;

  constructor(entries: readonly E[], ignoreCase = false) {
    const matching = (test: (host: string | undefined) => boolean) =>
      new PathTree(
        entries.filter((entry) => test(entry.host)),
        ignoreCase,
      );
    this.#anyHost = matching((host) => host === undefined);
    this.#hostless = entries.every((entry) => entry.host === undefined);
    for (const { host } of entries) {
      if (host === undefined) continue;
      const key = host.toLowerCase();
      const hosts = key.startsWith("*.") ? this.#wildcardHosts : this.#exactHosts;
      if (hosts.has(key)) continue;
      const names = [key, wildcardOf(key)];
      const tree = matching((other) => other === undefined || names.includes(other.toLowerCase()));
      hosts.set(key, tree);
    }
  }

  /**
   * The routes that match, best first.
   * @param authority of the request, lower case, with or without a port
   * @param path canonical
   */
  find(authority: string, path: string): readonly Match<E>[] {
    return this.#hostless ? this.#anyHost.find(path) : this.#tree(authority).find(path);
  }

  #tree(authority: string): PathTree<E> {
    const host = hostName(authority);
    return this.#exactHosts.get(host) ?? this.#wildcardHosts.get(wildcardOf(host)) ?? this.#anyHost;
  }
}

/** `a.example.com` → `*.example.com`: a wildcard stands for exactly one label. */
function wildcardOf(host: string): string {
  return `*${host.slice(host.indexOf("."))}`;
}

/** The host of an authority: no port, no trailing dot. */
export function hostName(authority: string): string {
  const colon = authority.lastIndexOf(":");
  const host = colon > authority.lastIndexOf("]") ? authority.slice(0, colon) : authority;
  return host.endsWith(".") ? host.slice(0, -1) : host;
}
