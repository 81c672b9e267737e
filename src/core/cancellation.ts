import type { CloseListener, Exchange } from "./exchange.ts";
import { tellClosed } from "./tell-closed.ts";

/** The end of a request before its answer: the client is gone, or its time is up. Happens once. */
export class Cancellation {
  #controller: AbortController | undefined;
  #listeners: CloseListener[] | undefined;
  #cancelled = false;
  #reason: unknown;

  constructor(exchange: Exchange) {
    exchange.onClose(this);
  }

  /** Made when it is asked for: few do, and it costs more than a listener. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#cancelled) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Calls back when it happens, or at once when it has. */
  onCancel(listener: CloseListener): void {
    if (this.#cancelled) tellClosed(listener, this.#reason);
    else (this.#listeners ??= []).push(listener);
  }

  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    for (const listener of this.#listeners ?? []) tellClosed(listener, reason);
  }
}
