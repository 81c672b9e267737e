/** Questions to another process that are not answered yet, each with its number. */
export class Pending<T> {
  readonly #waiting = new Map<number, (answer: T | undefined) => void>();
  #last = 0;

  /** @param send is given the number @returns the answer, or undefined when none comes in time */
  ask(send: (id: number) => void, timeoutMs: number): Promise<T | undefined> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.answer(id, undefined), timeoutMs);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      send(id);
    });
  }

  answer(id: number, answer: T | undefined): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(answer);
  }

  /** Nobody will answer any more. */
  end(): void {
    for (const id of this.#waiting.keys()) this.answer(id, undefined);
  }
}
