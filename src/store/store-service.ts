import type { StoreOperation, StoreReply, StoreRequest, StoreResult } from "./store-messages.ts";
import type { Store, StoreValue } from "./store.ts";
import { StoreError } from "./store.ts";

/** The supervisor's side of one worker's `SupervisorStore`. */
export class StoreService {
  readonly #store: Store;
  readonly #send: (reply: StoreReply) => void;
  readonly #subscriptions = new Map<string, () => void>();

  constructor(store: Store, send: (reply: StoreReply) => void) {
    this.#store = store;
    this.#send = send;
  }

  /** Does what a worker asks for, in its order. */
  async receive({ id, operations }: StoreRequest): Promise<void> {
    const results = await Promise.all(operations.map((operation) => this.#answer(operation)));
    this.#send({ type: "store-answers", id, results });
  }

  /** The worker is gone. */
  close(): void {
    for (const end of this.#subscriptions.values()) end();
    this.#subscriptions.clear();
  }

  async #answer(operation: StoreOperation): Promise<StoreResult> {
    try {
      const value = await this.#run(operation);
      return value === undefined ? {} : { v: value };
    } catch (error) {
      if (error instanceof StoreError) return { code: error.code, message: error.message };
      throw error;
    }
  }

  #run(operation: StoreOperation): Promise<StoreValue | undefined | void> {
    const store = this.#store;
    switch (operation.op) {
      case "get":
        return store.get(operation.key);
      case "set":
        return store.set(operation.key, operation.value, operation.ttl);
      case "delete":
        return store.delete(operation.key);
      case "increment":
        return store.increment(operation.key, operation.by, operation.ttl);
      case "expire":
        return store.expire(operation.key, operation.ttl);
      case "publish":
        return store.publish(operation.channel, operation.message);
      case "subscribe":
        return Promise.resolve(this.#subscribe(operation.channel));
      case "unsubscribe":
        this.#subscriptions.get(operation.channel)?.();
        this.#subscriptions.delete(operation.channel);
        return Promise.resolve();
    }
  }

  #subscribe(channel: string): void {
    if (this.#subscriptions.has(channel)) return;
    const end = this.#store.subscribe(channel, (message) =>
      this.#send({ type: "store-published", channel, message }),
    );
    this.#subscriptions.set(channel, end);
  }
}
