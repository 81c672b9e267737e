import type { Call, Transport } from "../call.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Dial, PoolLimits } from "../pool-limits.ts";
import type { Ticking } from "../ticker.ts";
import { startTicking, stopTicking, tickTime } from "../ticker.ts";
import { failCall } from "../fail-call.ts";
import { WaitingCalls } from "../waiting-calls.ts";
import type { ConnectionOwner } from "./client-connection.ts";
import { Http1ClientConnection } from "./client-connection.ts";

/** The connections to one HTTP/1.1 backend. The one used last is used next, so that the others may end. */
export class Http1Pool implements Transport, ConnectionOwner, Ticking {
  readonly name: string;
  readonly authority: string;
  readonly #dial: Dial;
  readonly #limits: PoolLimits;
  readonly #all = new Set<Http1ClientConnection>();
  readonly #idle: Http1ClientConnection[] = [];
  readonly #waiting: WaitingCalls;
  #dialling = 0;
  #closed = false;

  constructor({ name, authority }: Endpoint, dial: Dial, limits: PoolLimits) {
    this.name = name;
    this.authority = authority;
    this.#dial = dial;
    this.#limits = limits;
    this.#waiting = new WaitingCalls(name, limits.queueMs);
  }

  get connections(): { open: number; idle: number } {
    return { open: this.#all.size, idle: this.#idle.length };
  }

  start(call: Call): void {
    const connection = this.#idle.pop();
    if (connection !== undefined && call.fresh !== true) {
      connection.start(call);
      return;
    }
    // It makes place for the one that is opened.
    connection?.retire();
    const { connections, queue } = this.#limits;
    if (connections === 0 || this.#all.size + this.#dialling < connections) {
      this.#open(call);
    } else if (this.#waiting.length < queue) {
      this.#waiting.add(call, undefined);
      startTicking(this);
    } else {
      this.#waiting.refuse(call);
    }
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#all) connection.retire();
  }

  idle(connection: Http1ClientConnection): void {
    const { idleConnections, ageMs } = this.#limits;
    connection.idleSince = tickTime;
    const next = this.#waiting.shift();
    const isOld = this.#closed || (ageMs > 0 && tickTime - connection.openedAt > ageMs);
    if (next !== undefined) connection.start(next);
    else if (isOld || this.#idle.length >= idleConnections) connection.retire();
    else this.#idle.push(connection);
  }

  gone(connection: Http1ClientConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#rest();
    this.#startNext();
  }

  tick(elapsedMs: number, now: number): void {
    const { idleMs } = this.#limits;
    for (const connection of this.#all) {
      if (connection.busy) connection.sweep(elapsedMs);
      else if (now - connection.idleSince >= idleMs) connection.retire();
    }
    this.#waiting.tick(elapsedMs);
  }

  #open(call: Call): void {
    const dialling = new AbortController();
    this.#dialling++;
    const waiting = this.#waiting.add(call, (fault) => dialling.abort(fault));
    startTicking(this);
    void this.#dial(dialling.signal).then(
      (socket) => {
        this.#dialling--;
        const connection = new Http1ClientConnection(socket, this, tickTime);
        this.#all.add(connection);
        startTicking(this);
        // Before anybody else: they would be left with nothing if the connections that are opened for them fail.
        if (this.#waiting.leave(waiting)) connection.start(call);
        else this.idle(connection);
      },
      (fault) => {
        this.#dialling--;
        const isWaiting = this.#waiting.leave(waiting);
        this.#rest();
        if (isWaiting) failCall(call, fault);
        this.#startNext();
      },
    );
  }

  /** A place is free for somebody who waits without a connection to come. */
  #startNext(): void {
    const { connections } = this.#limits;
    if (this.#all.size + this.#dialling >= connections) return;
    const next = this.#waiting.shiftQueued();
    if (next !== undefined) this.start(next);
  }

  /** Nothing is left to time. */
  #rest(): void {
    if (this.#all.size === 0 && this.#waiting.length === 0) stopTicking(this);
  }
}
