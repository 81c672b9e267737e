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
    const byHost = new Map<string, E[]>();
    for (const entry of entries) {
      const host = entry.host?.toLowerCase() ?? "";
      const own = byHost.get(host);
      if (own === undefined) byHost.set(host, [entry]);
      else own.push(entry);
    }
    for (const [host, own] of byHost) {
      if (host === "") continue;
      const hosts = host.startsWith("*.") ? this.#wildcardHosts : this.#exactHosts;
      hosts.set(host, new PathTree(own, ignoreCase));
    }
    this.#anyHost = new PathTree(byHost.get("") ?? [], ignoreCase);
    this.#hostless = this.#exactHosts.size + this.#wildcardHosts.size === 0;
  }

  /**
   * The routes that match, best first.
   * @param authority of the request, lower case, with or without a port
   * @param path canonical
   */
  find(authority: string, path: string): readonly Match<E>[] {
    const any = this.#anyHost.find(path);
    if (this.#hostless) return any;
    const host = hostName(authority);
    const exact = this.#exactHosts.get(host)?.find(path);
    const wildcard = this.#wildcardHosts.get(wildcardOf(host))?.find(path);
    return merge(merge(exact, wildcard), any) ?? [];
  }
}

/** Both, in order of rank. */
function merge<E extends TableEntry>(
  one: readonly Match<E>[] | undefined,
  other: readonly Match<E>[] | undefined,
): readonly Match<E>[] | undefined {
  if (one === undefined || one.length === 0) return other;
  if (other === undefined || other.length === 0) return one;
  return [...one, ...other].sort((a, b) => a.entry.rank - b.entry.rank);
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
