import { tellClosed } from "../../core/tell-closed.ts";
import type { CloseListener, Exchange, PushOptions, UpstreamNote } from "../../core/exchange.ts";
import type { RouteInfo } from "../../core/route.ts";
import type { Source } from "../../wire/source.ts";
import { HeaderList } from "../../http/header-list.ts";
import { preloadLink } from "../../http/preload.ts";
import type { Observer, Outcome } from "../engine.ts";

/** A request body that its engine can give up. */
export interface EngineBody extends Source {
  fail(reason: unknown): void;
}

/** What the exchanges of all engines have in common: how far they are, and how they end. */
export abstract class ExchangeState {
  closed = false;
  /** The head of the final answer has left, or the connection was taken over. */
  answered = false;
  status = 0;
  bytesSent = 0;
  route: RouteInfo | undefined = undefined;
  upstream: UpstreamNote | undefined = undefined;
  requestId: string | undefined = undefined;
  readonly receivedAt: number;
  abstract readonly body: EngineBody | null;
  #listeners: CloseListener[] | undefined;
  #reason: unknown;

  constructor(receivedAt: number) {
    this.receivedAt = receivedAt;
  }

  /** Sends an informational reply whose status was checked. */
  protected abstract sendInformational(status: number, headers: HeaderList): void;

  inform(status: number, headers: HeaderList): void {
    if (status < 100 || status > 199 || status === 101) {
      throw new RangeError(`${status} is not an informational status: use 100 or 102 to 199`);
    }
    if (!this.closed && !this.answered) this.sendInformational(status, headers);
  }

  /** A 103 that asks for `path` early (RFC 8297), where nothing can be pushed. */
  protected preload(path: string, options: PushOptions): "preload" | "none" {
    if (this.closed || this.answered) return "none";
    this.inform(103, HeaderList.from([["link", preloadLink(path, options.as)]]));
    return "preload";
  }

  onClose(listener: CloseListener): void {
    if (this.closed) tellClosed(listener, this.#reason);
    else (this.#listeners ??= []).push(listener);
  }

  /** What logs and metrics are told at the end. */
  outcome(error: unknown): Outcome {
    const durationMs = performance.now() - this.receivedAt;
    return { status: this.status, bytes: this.bytesSent, durationMs, error };
  }

  /**
   * The peer is gone, or the exchange was broken off.
   * @param observer is told what a listener throws: the others still hear, and the connection still ends
   */
  end(reason: unknown, observer: Observer): void {
    if (this.closed) return;
    this.closed = true;
    this.#reason = reason;
    this.body?.fail(reason);
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners === undefined) return;
    for (const listener of listeners) {
      try {
        tellClosed(listener, reason);
      } catch (error) {
        observer.failed?.(error, this as unknown as Exchange);
      }
    }
  }
}
