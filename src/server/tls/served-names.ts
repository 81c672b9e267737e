/**
 * The names a certificate stands for, to be asked about the host of each request: RFC 9110 4.3.3 and 7.4
 * allow answers only for those (421 otherwise).
 */
export class ServedNames {
  readonly #exact = new Set<string>();
  /** What follows the first label of a wildcard name, with its dot: `.example.com`. */
  readonly #wildcard = new Set<string>();
  // Requests of a connection, and of most servers, are for one authority.
  #lastAuthority = "";
  #lastAnswer = true;

  constructor(names: Iterable<string>) {
    for (const name of names) {
      const host = canonicalHost(name);
      if (host.startsWith("*.")) this.#wildcard.add(host.slice(1));
      else this.#exact.add(host);
    }
  }

  /** Whether `authority` (a host with an optional port) is covered. An empty one asks for nothing else. */
  covers(authority: string): boolean {
    if (authority === this.#lastAuthority) return this.#lastAnswer;
    const answer = this.#match(canonicalHost(authority.replace(/:\d*$/, "")));
    this.#lastAuthority = authority;
    this.#lastAnswer = answer;
    return answer;
  }

  #match(host: string): boolean {
    if (host === "" || this.#exact.has(host)) return true;
    const dot = host.indexOf(".");
    // RFC 6125 6.4.3: a wildcard stands for exactly one label.
    return dot > 0 && this.#wildcard.has(host.slice(dot));
  }
}

/** Lower case, without brackets or the root's dot, addresses in their canonical form. */
function canonicalHost(name: string): string {
  const host = name.toLowerCase().replace(/\.$/, "");
  if (!/^\[?[0-9a-f:.]*:[0-9a-f:.]*\]?$/.test(host)) return host;
  const bare = host.replace(/^\[|\]$/g, "");
  try {
    return new URL(`http://[${bare}]`).hostname.slice(1, -1);
  } catch {
    return bare;
  }
}
