import { EventEmitter } from "node:events";

/** What happened to a todo. */
export interface Change {
  /** Counts up. */
  readonly id: number;
  readonly kind: "created" | "changed" | "deleted";
  readonly todoId: number;
  readonly ownerId: number;
}

/** How many are kept for clients that come back. */
const KEPT = 200;

/** Tells whoever listens what happens to todos, in this process. */
export class Changes {
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  #recent: Change[] = [];
  #last = 0;

  publish(kind: Change["kind"], { id: todoId, ownerId }: { id: number; ownerId: number }): void {
    const change = { id: ++this.#last, kind, todoId, ownerId };
    this.#recent = [...this.#recent, change].slice(-KEPT);
    this.#emitter.emit("change", change);
  }

  /** Those after one that a client has seen. */
  since(id: number): readonly Change[] {
    return this.#recent.filter((change) => change.id > id);
  }

  /** @returns what ends the listening */
  listen(listener: (change: Change) => void): () => void {
    this.#emitter.on("change", listener);
    return () => void this.#emitter.off("change", listener);
  }
}
