import type { StoreOperation, StoreReply, StoreRequest, StoreResult } from "./store-messages.ts";
import type { Store, StoreValue } from "./store.ts";
import { checkKey, StoreError } from "./store.ts";

export interface SupervisorStoreOptions {
  /** Sends to the supervisor. */
  send(request: StoreRequest): void;
  /** Milliseconds that operations are gathered before they are sent together. */
  batchMs?: number;
  /** Operations that may wait for answers; more are refused at once. */
  maxWaiting?: number;
}

interface Waiting {
  resolve(value: StoreValue | undefined): void;
  reject(error: Error): void;
}

/** Additions to one counter within one batch: one operation, of which each caller gets its own share. */
interface Gathered {
  index: number;
  by: number;
  shares: { readonly before: number; readonly waiting: Waiting }[];
}

/**
 * A worker's view of the store in the supervisor. Operations of a few milliseconds travel together, and all
 * additions to one counter become one. Sums are exact, an answer is one batch late.
 */
export class SupervisorStore implements Store {
  readonly #send: (request: StoreRequest) => void;
  readonly #batchMs: number;
  readonly #maxWaiting: number;
  readonly #channels = new Map<string, Set<(message: StoreValue) => void>>();
  readonly #sent = new Map<number, readonly Waiting[]>();
  #operations: StoreOperation[] = [];
  #waiting: Waiting[] = [];
  #counters = new Map<string, Gathered>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #inFlight = 0;
  #lastId = 0;
  #closed = false;

  constructor({ send, batchMs = 5, maxWaiting = 50_000 }: SupervisorStoreOptions) {
    this.#send = send;
    this.#batchMs = batchMs;
    this.#maxWaiting = maxWaiting;
  }

  get(key: string): Promise<StoreValue | undefined> {
    return this.#ask({ op: "get", key });
  }

  async set(key: string, value: StoreValue, ttlMs?: number): Promise<void> {
    checkKey(key);
    await this.#ask({ op: "set", key, value, ...(ttlMs !== undefined && { ttl: ttlMs }) });
  }

  async delete(key: string): Promise<void> {
    await this.#ask({ op: "delete", key });
  }

  async increment(key: string, by = 1, ttlMs?: number): Promise<number> {
    checkKey(key);
    const gathered = this.#counters.get(key);
    if (gathered !== undefined) return this.#addTo(gathered, by);
    const own: Gathered = { index: this.#operations.length, by, shares: [] };
    const asked = this.#ask({
      op: "increment",
      key,
      by,
      ...(ttlMs !== undefined && { ttl: ttlMs }),
    });
    // Unless it was refused.
    if (this.#operations.length > own.index) this.#counters.set(key, own);
    const total = (await settle(asked, own)) as number;
    return total - (own.by - by);
  }

  async expire(key: string, ttlMs: number): Promise<boolean> {
    return (await this.#ask({ op: "expire", key, ttl: ttlMs })) === true;
  }

  async publish(channel: string, message: StoreValue): Promise<void> {
    await this.#ask({ op: "publish", channel, message });
  }

  subscribe(channel: string, listener: (message: StoreValue) => void): () => void {
    const entry = (message: StoreValue): void => listener(message);
    let listeners = this.#channels.get(channel);
    if (listeners === undefined) {
      this.#channels.set(channel, (listeners = new Set()));
      this.#tell({ op: "subscribe", channel });
    }
    listeners.add(entry);
    return () => {
      listeners.delete(entry);
      if (listeners.size > 0 || this.#channels.get(channel) !== listeners) return;
      this.#channels.delete(channel);
      this.#tell({ op: "unsubscribe", channel });
    };
  }

  /** Takes what the supervisor sent. */
  receive(reply: StoreReply): void {
    if (reply.type === "store-published") {
      for (const listener of this.#channels.get(reply.channel) ?? []) listener(reply.message);
      return;
    }
    const waiting = this.#sent.get(reply.id) ?? [];
    this.#sent.delete(reply.id);
    this.#inFlight -= waiting.length;
    for (const [index, { resolve, reject }] of waiting.entries()) {
      const result: StoreResult = reply.results[index] ?? {
        code: "store_unreachable",
        message: "the supervisor did not answer",
      };
      if ("code" in result) reject(new StoreError(result.code, result.message));
      else resolve(result.v);
    }
  }

  /** What waits is told that nobody answers; so is whoever asks from now on. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    const waiting = [...this.#waiting, ...[...this.#sent.values()].flat()];
    this.#waiting = [];
    this.#sent.clear();
    for (const { reject } of waiting) reject(unreachable());
  }

  #addTo(gathered: Gathered, by: number): Promise<number> {
    const before = gathered.by;
    gathered.by += by;
    const operation = this.#operations[gathered.index] as StoreOperation & { op: "increment" };
    this.#operations[gathered.index] = { ...operation, by: gathered.by };
    return new Promise((resolve, reject) => {
      const done = (value: StoreValue | undefined): void => resolve(value as number);
      gathered.shares.push({ before: before + by, waiting: { resolve: done, reject } });
    });
  }

  /** Asks where nobody waits for the answer. */
  #tell(operation: StoreOperation): void {
    this.#ask(operation).catch(() => {});
  }

  #ask(operation: StoreOperation): Promise<StoreValue | undefined> {
    if (this.#closed) return Promise.reject(unreachable());
    if (this.#inFlight + this.#waiting.length >= this.#maxWaiting) {
      const message = `more than ${this.#maxWaiting} operations wait for the supervisor`;
      return Promise.reject(new StoreError("store_too_busy", message));
    }
    // What is added later must not overtake this.
    if ("key" in operation) this.#counters.delete(operation.key);
    return new Promise((resolve, reject) => {
      this.#operations.push(operation);
      this.#waiting.push({ resolve, reject });
      this.#timer ??= setTimeout(() => this.#flush(), this.#batchMs);
    });
  }

  #flush(): void {
    this.#timer = undefined;
    const id = ++this.#lastId;
    const operations = this.#operations;
    this.#sent.set(id, this.#waiting);
    this.#inFlight += this.#waiting.length;
    this.#operations = [];
    this.#waiting = [];
    this.#counters = new Map();
    this.#send({ type: "store", id, operations });
  }
}

/** Gives everyone who added to a counter in this batch the sum as it was after the own addition. */
async function settle(
  asked: Promise<StoreValue | undefined>,
  gathered: Gathered,
): Promise<StoreValue | undefined> {
  try {
    const total = (await asked) as number;
    for (const { before, waiting } of gathered.shares)
      waiting.resolve(total - gathered.by + before);
    return total;
  } catch (error) {
    for (const { waiting } of gathered.shares) waiting.reject(error as Error);
    throw error;
  }
}

function unreachable(): StoreError {
  return new StoreError("store_unreachable", "the supervisor is gone");
}
