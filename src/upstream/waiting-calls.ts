import type { Call } from "./call.ts";
import { failCall } from "./fail-call.ts";
import type { FaultCode } from "./fault.ts";
import { UpstreamFault } from "./fault.ts";

/** A call that no connection carries yet. */
export interface Waiting {
  readonly call: Call;
  ms: number;
  /** Set where a connection is being opened for it: told when it is given up before that. */
  givenUp: ((fault: UpstreamFault) => void) | undefined;
}

/** Calls that wait for a connection, in their order: one that is being opened, or one that becomes free. */
export class WaitingCalls {
  readonly #name: string;
  readonly #queueMs: number;
  readonly #list: Waiting[] = [];

  /** @param name of the backend, for messages @param queueMs how long they may wait for a free connection */
  constructor(name: string, queueMs: number) {
    this.#name = name;
    this.#queueMs = queueMs;
  }

  get length(): number {
    return this.#list.length;
  }

  /** How many a connection is being opened for. */
  get connecting(): number {
    let count = 0;
    for (const { givenUp } of this.#list) if (givenUp !== undefined) count++;
    return count;
  }

  add(call: Call, givenUp: Waiting["givenUp"]): Waiting {
    const waiting: Waiting = { call, ms: 0, givenUp };
    call.abort = (reason) => {
      const fault =
        reason instanceof UpstreamFault
          ? reason
          : waitFault("cancelled", "the request was given up before it was sent", reason);
      this.#giveUp(waiting, fault);
    };
    this.#list.push(waiting);
    return waiting;
  }

  /** The next one, which leaves. */
  shift(): Call | undefined {
    const next = this.#list[0];
    if (next !== undefined) this.leave(next);
    return next?.call;
  }

  /** The next one that no connection is being opened for; it leaves. */
  shiftQueued(): Call | undefined {
    const next = this.#list.find(({ givenUp }) => givenUp === undefined);
    if (next !== undefined) this.leave(next);
    return next?.call;
  }

  /** No connection is being opened for them any more. */
  queueAll(): void {
    for (const waiting of this.#list) waiting.givenUp = undefined;
  }

  /** Fails those that a connection was being opened for. */
  failConnecting(fault: unknown): void {
    for (const waiting of this.#list.slice()) {
      if (waiting.givenUp !== undefined && this.leave(waiting)) failCall(waiting.call, fault);
    }
  }

  /** @returns whether it was still waiting */
  leave(waiting: Waiting): boolean {
    const at = this.#list.indexOf(waiting);
    if (at < 0) return false;
    this.#list.splice(at, 1);
    waiting.call.abort = undefined;
    return true;
  }

  /** Gives up those that have waited too long. */
  tick(elapsedMs: number): void {
    for (const waiting of this.#list.slice()) {
      waiting.ms += elapsedMs;
      const isConnecting = waiting.givenUp !== undefined;
      const limit = isConnecting ? waiting.call.timeouts.connectMs : this.#queueMs;
      // Of the time to connect, 0 is no limit.
      if (waiting.ms < limit || (isConnecting && limit === 0)) continue;
      if (isConnecting) {
        const message = `no connection to ${this.#name} within ${limit} ms`;
        this.#giveUp(waiting, waitFault("connect_timeout", message));
      } else {
        const message = `no connection to ${this.#name} became free within ${limit} ms`;
        this.#giveUp(waiting, waitFault("overloaded", message));
      }
    }
  }

  /** There is no place for it. */
  refuse(call: Call): void {
    const message = `${this.#name} has no free connection, and its queue is full`;
    failCall(call, waitFault("overloaded", message));
  }

  #giveUp(waiting: Waiting, fault: UpstreamFault): void {
    if (!this.leave(waiting)) return;
    waiting.givenUp?.(fault);
    failCall(waiting.call, fault);
  }
}

function waitFault(code: FaultCode, message: string, cause?: unknown): UpstreamFault {
  return new UpstreamFault(code, message, "nothing", { cause });
}
