/** Answers that go on, a line of JSON at a time, as watches of APIs do. */
export class JsonStreams {
  readonly #open = new Set<ReadableStreamDefaultController<Uint8Array>>();

  /** How many are listened to. */
  get size(): number {
    return this.#open.size;
  }

  /** @param first what it begins with */
  response(...first: unknown[]): Response {
    let own: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller;
        this.#open.add(controller);
        for (const value of first) controller.enqueue(line(value));
      },
      cancel: () => void this.#open.delete(own),
    });
    return new Response(body, { headers: { "content-type": "application/json" } });
  }

  /** Sends a line to all who listen. */
  say(value: unknown): void {
    for (const controller of this.#open) controller.enqueue(line(value));
  }

  /** Sends bytes as they are: half a line, two lines. */
  sayText(text: string): void {
    for (const controller of this.#open) controller.enqueue(new TextEncoder().encode(text));
  }

  /** Ends all of them in good order. */
  end(): void {
    for (const controller of this.#open) controller.close();
    this.#open.clear();
  }

  /** Breaks all of them off. */
  breakOff(): void {
    for (const controller of this.#open) controller.error(new Error("broken off"));
    this.#open.clear();
  }
}

function line(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
