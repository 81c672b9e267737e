/** Finds what a TLS server name stands for: exactly, by `*.example.com` for one label, or by `*`. */
export class ServerNames<T> {
  readonly #exact = new Map<string, T>();
  readonly #wild = new Map<string, T>();
  #any: T | undefined;

  /** The first of two entries with one name counts. */
  add(pattern: string, value: T): void {
    const name = pattern.toLowerCase();
    if (name === "*") this.#any ??= value;
    else if (name.startsWith("*.")) {
      if (!this.#wild.has(name.slice(1))) this.#wild.set(name.slice(1), value);
    } else if (!this.#exact.has(name)) this.#exact.set(name, value);
  }

  /** @param name in lower case; undefined when the client sent none */
  find(name: string | undefined): T | undefined {
    if (name === undefined) return this.#any;
    const dot = name.indexOf(".");
    return (
      this.#exact.get(name) ?? (dot < 0 ? undefined : this.#wild.get(name.slice(dot))) ?? this.#any
    );
  }
}
