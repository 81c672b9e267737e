/** What a guest may keep under `var_set`, names included. */
const MAX_BYTES = 1024 * 1024;

/** The variables of one instance. */
export class Variables {
  readonly #values = new Map<string, Uint8Array>();
  #bytes = 0;

  get(name: string): Uint8Array | undefined {
    return this.#values.get(name);
  }

  /** @returns false when there is no room for it; it is as it was then */
  set(name: string, value: Uint8Array): boolean {
    const bytes = this.#bytes - this.#sizeOf(name) + name.length + value.byteLength;
    if (bytes > MAX_BYTES) return false;
    this.#bytes = bytes;
    this.#values.set(name, value);
    return true;
  }

  delete(name: string): void {
    this.#bytes -= this.#sizeOf(name);
    this.#values.delete(name);
  }

  clear(): void {
    this.#values.clear();
    this.#bytes = 0;
  }

  #sizeOf(name: string): number {
    const value = this.#values.get(name);
    return value === undefined ? 0 : name.length + value.byteLength;
  }
}
