import type { HeaderList } from "./header-list.ts";
import { lengthBits } from "./received-fields.ts";

/**
 * A set of field names, some of them only by how they begin (`X-Auth-*`). Names are compared as backends see them:
 * CGI and WSGI take `Remote_User` for `Remote-User`, so both are one name here.
 */
export class FieldNames {
  readonly #exact = new Set<string>();
  readonly #prefixes: string[] = [];
  /** Which lengths the names have: bit `length & 31` for each; all where one stands for many. */
  readonly lengths: number;

  /** @param names tokens, each with an optional `*` at its end */
  constructor(names: readonly string[]) {
    for (const name of names) {
      const plain = normalized(name);
      if (plain.endsWith("*")) this.#prefixes.push(plain.slice(0, -1));
      else this.#exact.add(plain);
    }
    this.lengths = this.#prefixes.length > 0 ? -1 : lengthBits(this.#exact);
  }

  has(name: string): boolean {
    const plain = normalized(name);
    return this.#exact.has(plain) || this.#prefixes.some((prefix) => plain.startsWith(prefix));
  }

  /** Takes away every field of these names, and their mention in `Connection`: see {@link unlistFrom}. */
  removeFrom(headers: HeaderList): void {
    for (const name of new Set([...headers].map(([one]) => one))) {
      if (this.has(name)) headers.delete(name);
    }
    this.unlistFrom(headers);
  }

  /** Takes away fields whose names are like these but for an underscore: as backends see them they would be more of them. */
  removeAlike(headers: HeaderList): void {
    const { flat } = headers;
    let alike: string[] | undefined;
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string;
      if (name.includes("_") && this.has(name)) (alike ??= []).push(name);
    }
    alike?.forEach((name) => headers.delete(name));
  }

  /**
   * Takes the names out of `Connection`: what we set must not be taken away further on because a client has listed
   * it there (RFC 9110 7.6.1; CVE-2024-45410).
   */
  unlistFrom(headers: HeaderList): void {
    const connection = headers.joined("connection");
    if (connection === null) return;
    const kept = connection.split(",").filter((option) => !this.has(option.trim()));
    if (kept.length === 0) headers.delete("connection");
    else headers.set("Connection", kept.join(",").trim());
  }
}

function normalized(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}
