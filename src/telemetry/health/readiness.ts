/** Whether traffic should come here, and if not, why. Alive is another question. */
export class Readiness {
  readonly #reasons = new Map<string, string>();
  readonly #changed: () => void;

  /** @param changed called after each change */
  constructor(changed: () => void = () => {}) {
    this.#changed = changed;
  }

  /** Says why no traffic should come, under a stable code such as `draining`. */
  block(code: string, message: string): void {
    this.#reasons.set(code, message);
    this.#changed();
  }

  clear(code: string): void {
    if (this.#reasons.delete(code)) this.#changed();
  }

  /** Takes over what another process found. */
  replace(reasons: readonly Unready[]): void {
    this.#reasons.clear();
    for (const { code, message } of reasons) this.#reasons.set(code, message);
    this.#changed();
  }

  get ready(): boolean {
    return this.#reasons.size === 0;
  }

  get reasons(): readonly Unready[] {
    return [...this.#reasons].map(([code, message]) => ({ code, message }));
  }
}

export interface Unready {
  readonly code: string;
  readonly message: string;
}
