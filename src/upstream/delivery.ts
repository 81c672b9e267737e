import type { HeaderList } from "../http/header-list.ts";
import type { Backend } from "./backend.ts";
import type { Call, UpstreamReply, UpstreamRequest, UpstreamTimeouts } from "./call.ts";
import { UpstreamFault } from "./fault.ts";

/** How far a delivery is. */
export interface Attempted {
  readonly request: UpstreamRequest;
  readonly attempts: number;
  /** The backend of the last attempt. */
  readonly backend: Backend | undefined;
}

/** Chooses the backend of the next attempt, or undefined: there is none left, or it may not be tried again. */
export type NextBackend = (
  delivery: Attempted,
  fault: UpstreamFault | undefined,
) => Backend | undefined;

/**
 * One request to an upstream, through all its attempts. It is the call that backends carry, one after another,
 * so that an attempt costs no object of its own.
 */
export class Delivery<T> implements Call, Attempted {
  readonly request: UpstreamRequest;
  readonly timeouts: UpstreamTimeouts;
  readonly onInform: ((status: number, headers: HeaderList) => void) | undefined;
  abort: ((reason: unknown) => void) | undefined;
  /** What became of it. */
  readonly outcome: Promise<T>;
  /** The backend of the last attempt. */
  backend: Backend | undefined;
  attempts = 0;
  readonly #next: NextBackend;
  readonly #convert: (reply: UpstreamReply) => T;
  #resolve!: (value: T) => void;
  #reject!: (fault: unknown) => void;
  #cancelled = false;

  constructor(
    request: UpstreamRequest,
    timeouts: UpstreamTimeouts,
    next: NextBackend,
    convert: (reply: UpstreamReply) => T,
    onInform?: (status: number, headers: HeaderList) => void,
  ) {
    this.request = request;
    this.timeouts = timeouts;
    this.#next = next;
    this.#convert = convert;
    this.onInform = onInform;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Begins the first attempt. */
  begin(): this {
    this.#attempt(undefined);
    return this;
  }

  /** Gives the request up: what is under way is ended, and nothing further is tried. */
  readonly cancel = (reason: unknown): void => {
    this.#cancelled = true;
    this.abort?.(reason);
  };

  resolve(reply: UpstreamReply): void {
    try {
      this.#resolve(this.#convert(reply));
    } catch (error) {
      this.#reject(error);
    }
  }

  reject(fault: unknown): void {
    if (this.#cancelled || !(fault instanceof UpstreamFault)) this.#reject(fault);
    else this.#attempt(fault);
  }

  finished(error: unknown): void {
    this.backend?.ended(error);
  }

  #attempt(fault: UpstreamFault | undefined): void {
    const backend = this.#next(this, fault);
    if (backend === undefined) {
      this.#reject(
        fault ?? new UpstreamFault("no_backend", "no backend can be asked now", "nothing"),
      );
      return;
    }
    this.backend = backend;
    this.attempts++;
    backend.start(this);
  }
}
