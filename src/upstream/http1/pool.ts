import type { Socket } from "../../runtime/socket.ts";
import type { Call, Transport } from "../call.ts";
import type { Endpoint } from "../endpoint.ts";
import { UpstreamFault } from "../fault.ts";
import type { Ticking } from "../ticker.ts";
import { startTicking, stopTicking, tickTime } from "../ticker.ts";
import type { ConnectionOwner } from "./client-connection.ts";
import { Http1ClientConnection } from "./client-connection.ts";

/** What a backend may hold of us. */
export interface PoolLimits {
  /** Open connections; 0 = no limit. */
  readonly connections: number;
  /** Connections kept for later. */
  readonly idleConnections: number;
  /** Milliseconds a connection waits for another request. Below what the backend itself allows. */
  readonly idleMs: number;
  /** Milliseconds after which a connection takes no further request; 0 = no limit. */
  readonly ageMs: number;
  /** Requests that wait for a connection, and how long, in milliseconds. */
  readonly queue: number;
  readonly queueMs: number;
}

/** Opens a connection. Rejects with an {@link UpstreamFault}. */
export type Dial = (signal: AbortSignal) => Promise<Socket>;

interface Waiting {
  readonly call: Call;
  ms: number;
  /** Ends the dialling that was begun for it. */
  readonly dialling: AbortController | undefined;
}

/** The connections to one HTTP/1.1 backend. The one used last is used next, so that the others may end. */
export class Http1Pool implements Transport, ConnectionOwner, Ticking {
  readonly name: string;
  readonly authority: string;
  readonly #dial: Dial;
  readonly #limits: PoolLimits;
  readonly #all = new Set<Http1ClientConnection>();
  readonly #idle: Http1ClientConnection[] = [];
  readonly #waiting: Waiting[] = [];
  #dialling = 0;
  #closed = false;

  constructor({ name, authority }: Endpoint, dial: Dial, limits: PoolLimits) {
    this.name = name;
    this.authority = authority;
    this.#dial = dial;
    this.#limits = limits;
  }

  get connections(): { open: number; idle: number } {
    return { open: this.#all.size, idle: this.#idle.length };
  }

  start(call: Call): void {
    const connection = this.#idle.pop();
    if (connection !== undefined) {
      connection.start(call);
      return;
    }
    const { connections, queue } = this.#limits;
    if (connections === 0 || this.#all.size + this.#dialling < connections) {
      this.#open(call);
    } else if (this.#waiting.length < queue) {
      this.#wait(call, undefined);
    } else {
      this.#refuse(
        call,
        "overloaded",
        `${this.name} has no free connection, and its queue is full`,
      );
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
    if (next !== undefined) connection.start(next.call);
    else if (isOld || this.#idle.length >= idleConnections) connection.retire();
    else this.#idle.push(connection);
  }

  gone(connection: Http1ClientConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#rest();
    // Its place is free for somebody who waits without a connection to come.
    const next = this.#waiting.findIndex(({ dialling }) => dialling === undefined);
    if (next < 0) return;
    const [first] = this.#waiting.splice(next, 1);
    this.start((first as Waiting).call);
  }

  tick(elapsedMs: number, now: number): void {
    const { idleMs, queueMs } = this.#limits;
    for (const connection of this.#all) {
      if (connection.busy) connection.sweep(elapsedMs);
      else if (now - connection.idleSince >= idleMs) connection.retire();
    }
    for (const waiting of this.#waiting.slice()) {
      waiting.ms += elapsedMs;
      const { connectMs } = waiting.call.timeouts;
      if (waiting.dialling !== undefined) {
        if (connectMs === 0 || waiting.ms < connectMs) continue;
        this.#giveUp(
          waiting,
          "connect_timeout",
          `no connection to ${this.name} within ${connectMs} ms`,
        );
      } else if (waiting.ms >= queueMs) {
        this.#giveUp(
          waiting,
          "overloaded",
          `no connection to ${this.name} became free within ${queueMs} ms`,
        );
      }
    }
  }

  #open(call: Call): void {
    const dialling = new AbortController();
    this.#dialling++;
    const waiting = this.#wait(call, dialling);
    void this.#dial(dialling.signal).then(
      (socket) => {
        this.#dialling--;
        const connection = new Http1ClientConnection(socket, this, tickTime);
        this.#all.add(connection);
        startTicking(this);
        this.idle(connection);
      },
      (fault) => {
        this.#dialling--;
        this.#rest();
        if (this.#leave(waiting)) fail(call, fault);
      },
    );
  }

  #wait(call: Call, dialling: AbortController | undefined): Waiting {
    const waiting: Waiting = { call, ms: 0, dialling };
    call.abort = (reason) =>
      this.#giveUp(waiting, "cancelled", "the request was given up before it was sent", reason);
    this.#waiting.push(waiting);
    startTicking(this);
    return waiting;
  }

  #giveUp(
    waiting: Waiting,
    code: "cancelled" | "connect_timeout" | "overloaded",
    message: string,
    cause?: unknown,
  ): void {
    if (!this.#leave(waiting)) return;
    const fault = new UpstreamFault(code, message, "nothing", { cause });
    waiting.dialling?.abort(fault);
    fail(waiting.call, fault);
  }

  #refuse(call: Call, code: "overloaded", message: string): void {
    fail(call, new UpstreamFault(code, message, "nothing"));
  }

  /** @returns whether it was still waiting */
  #leave(waiting: Waiting): boolean {
    const at = this.#waiting.indexOf(waiting);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    waiting.call.abort = undefined;
    return true;
  }

  /** Nothing is left to time. */
  #rest(): void {
    if (this.#all.size === 0 && this.#waiting.length === 0) stopTicking(this);
  }
}

function fail(call: Call, fault: unknown): void {
  call.finished(fault);
  call.reject(fault);
}
