/** Wakes whoever waits for a change; one that comes while nobody waits is not lost, and many are one. */
export class Changes {
  #pending = false;
  #wake: (() => void) | undefined;

  readonly note = (): void => {
    this.#pending = true;
    this.#wake?.();
  };

  /** Settles at the next change, or when the signal is aborted. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = () => {
          signal.removeEventListener("abort", this.note);
          resolve();
        };
        signal.addEventListener("abort", this.note, { once: true });
      });
    }
    this.#pending = false;
    this.#wake = undefined;
  }
}
