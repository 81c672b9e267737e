/** Values under unique names; the same value, by its key, has one name. */
export class Named<T> {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, T | undefined>();

  /**
   * The name of a value. A new one is made once its name is known, so it may refer to itself.
   * @param wanted in order of preference; a number is put behind the last if all are taken by others
   */
  name(key: string, wanted: readonly string[], make: () => T): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = this.#free(wanted.map(toComponentName));
    this.#names.set(key, name);
    this.#values.set(name, undefined);
    this.#values.set(name, make());
    return name;
  }

  /** By name, in alphabetical order; undefined when there are none. */
  all(): Readonly<Record<string, T>> | undefined {
    if (this.#values.size === 0) return undefined;
    const entries = [...this.#values].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries) as Record<string, T>;
  }

  #free(wanted: readonly string[]): string {
    const free = wanted.find((name) => !this.#values.has(name));
    if (free !== undefined) return free;
    const last = wanted.at(-1) as string;
    for (let i = 2; ; i++) if (!this.#values.has(`${last}${i}`)) return `${last}${i}`;
  }
}

/** Names of components have letters, digits and `.-_` only (OpenAPI 3.1, 4.8.7). */
function toComponentName(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]+/g, "_");
}
