/** A route as the table sees it. */
export interface TableEntry {
  /** Exact host, `*.example.com` (one label), or undefined for any. Without a port. */
  readonly host: string | undefined;
  /** Exact (`/a/b`) or prefix (`/a/*`), in canonical form. */
  readonly path: string;
  /** Lower answers first among the routes that match. */
  readonly rank: number;
}

/** A route that matches, and what of the path its prefix left over. */
export interface Match<E> {
  readonly entry: E;
  readonly rest: string;
}

/**
 * The one route table: compiled once into a look-up by host and then by path, whose cost does not grow with
 * the number of routes.
 */
export class RouteTable<E extends TableEntry> {
  readonly #exactHosts = new Map<string, PathTable<E>>();
  readonly #wildcardHosts = new Map<string, PathTable<E>>();
  readonly #anyHost: PathTable<E>;
  readonly #hostless: boolean;

  constructor(entries: readonly E[]) {
    const sorted = entries.toSorted((a, b) => a.rank - b.rank);
    const matching = (test: (host: string | undefined) => boolean) =>
      new PathTable(sorted.filter((entry) => test(entry.host)));
    this.#anyHost = matching((host) => host === undefined);
    this.#hostless = sorted.every((entry) => entry.host === undefined);
    for (const { host } of sorted) {
      if (host === undefined) continue;
      const key = host.toLowerCase();
      const wildcard = wildcardOf(key);
      if (key.startsWith("*.")) {
        const table = matching((other) => other === undefined || other.toLowerCase() === key);
        this.#wildcardHosts.set(key, table);
      } else if (!this.#exactHosts.has(key)) {
        const names = [key, wildcard];
        const table = matching(
          (other) => other === undefined || names.includes(other.toLowerCase()),
        );
        this.#exactHosts.set(key, table);
      }
    }
  }

  /**
   * The routes that match, best first.
   * @param authority of the request, lower case, with or without a port
   * @param path canonical
   */
  find(authority: string, path: string): readonly Match<E>[] {
    return this.#pathTable(authority).find(path);
  }

  #pathTable(authority: string): PathTable<E> {
    if (this.#hostless) return this.#anyHost;
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

/** Routes of one host, sorted by rank. */
class PathTable<E extends TableEntry> {
  readonly #exact = new Map<string, readonly Match<E>[]>();
  /** By prefix including its last slash. */
  readonly #prefixes = new Map<string, readonly E[]>();

  constructor(sorted: readonly E[]) {
    const exact = sorted.filter((entry) => !entry.path.endsWith("/*"));
    for (const entry of sorted) {
      if (!entry.path.endsWith("/*")) continue;
      const prefix = entry.path.slice(0, -1);
      this.#prefixes.set(prefix, [...(this.#prefixes.get(prefix) ?? []), entry]);
    }
    for (const entry of exact) {
      if (this.#exact.has(entry.path)) continue;
      const same = exact.filter((other) => other.path === entry.path);
      const matches = same.map((found) => ({ entry: found, rest: "" }));
      this.#exact.set(entry.path, byRank([...matches, ...this.#prefixMatches(entry.path)]));
    }
  }

  find(path: string): readonly Match<E>[] {
    return this.#exact.get(path) ?? byRank(this.#prefixMatches(path));
  }

  #prefixMatches(path: string): Match<E>[] {
    const matches: Match<E>[] = [];
    if (this.#prefixes.size === 0) return matches;
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      const entries = this.#prefixes.get(path.slice(0, slash + 1));
      if (entries === undefined) continue;
      for (const entry of entries) matches.push({ entry, rest: path.slice(slash + 1) });
    }
    return matches;
  }
}

function byRank<E extends TableEntry>(matches: Match<E>[]): Match<E>[] {
  return matches.length < 2 ? matches : matches.sort((a, b) => a.entry.rank - b.entry.rank);
}
