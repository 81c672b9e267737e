import type { Call, Transport } from "../call.ts";
import type { Endpoint } from "../endpoint.ts";
import { UpstreamFault } from "../fault.ts";
import type { Dial, PoolLimits } from "../pool-limits.ts";
import type { Ticking } from "../ticker.ts";
import { startTicking, stopTicking, tickTime } from "../ticker.ts";
import { WaitingCalls } from "../waiting-calls.ts";
import type { ConnectionOwner } from "./client-connection.ts";
import { Http2ClientConnection } from "./client-connection.ts";

/** Calls that wait for one connection to be opened before a second is: what RFC 9113 6.5.2 wants every server to take. */
const EXPECTED_STREAMS = 100;

/** The connections to one HTTP/2 backend: one carries many calls, and a further one is opened when it is full. */
export class Http2Transport implements Transport, ConnectionOwner, Ticking {
  readonly name: string;
  readonly authority: string;
  readonly scheme: "http" | "https";
  readonly #dial: Dial;
  readonly #limits: PoolLimits;
  readonly #all = new Set<Http2ClientConnection>();
  readonly #waiting: WaitingCalls;
  /** Connections that are being opened, until their settings have come. */
  #opening = 0;
  readonly #dialling = new Set<AbortController>();
  #closed = false;

  constructor({ name, authority, tls }: Endpoint, dial: Dial, limits: PoolLimits) {
    this.name = name;
    this.authority = authority;
    this.scheme = tls ? "https" : "http";
    this.#dial = dial;
    this.#limits = limits;
    this.#waiting = new WaitingCalls(name, limits.queueMs);
  }

  get connections(): { open: number; idle: number } {
    let idle = 0;
    for (const { streams, isReady } of this.#all) if (isReady && streams.size === 0) idle++;
    return { open: this.#all.size, idle };
  }

  start(call: Call): void {
    for (const connection of this.#all) {
      if (connection.room <= 0) continue;
      connection.start(call);
      return;
    }
    const waiting = this.#waiting;
    if (waiting.connecting < this.#opening * EXPECTED_STREAMS || this.#open()) {
      waiting.add(call, this.#abandon);
    } else if (waiting.length < this.#limits.queue) {
      waiting.add(call, undefined);
    } else {
      waiting.refuse(call);
    }
    startTicking(this);
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#all) if (connection.isReady) connection.retire();
  }

  ready(connection: Http2ClientConnection): void {
    this.#opening--;
    this.#serve(connection);
    // It may take fewer than expected.
    while (this.#waiting.connecting > this.#opening * EXPECTED_STREAMS) {
      if (!this.#open()) break;
    }
    if (this.#opening === 0) this.#waiting.queueAll();
    if (this.#closed) connection.retire();
  }

  free(connection: Http2ClientConnection): void {
    this.#serve(connection);
    if (connection.streams.size > 0) return;
    connection.idleSince = tickTime;
    const { idleConnections } = this.#limits;
    const isSurplus = this.#all.size > idleConnections && this.connections.idle > idleConnections;
    if (this.#closed || isSurplus) connection.retire();
  }

  gone(connection: Http2ClientConnection, fault: UpstreamFault): void {
    this.#all.delete(connection);
    if (!connection.isReady) this.#openFailed(fault);
    this.#rest();
    this.#startNext();
  }

  tick(elapsedMs: number, now: number): void {
    const { idleMs, ageMs } = this.#limits;
    for (const connection of this.#all) {
      connection.sweep(elapsedMs);
      if (!connection.isReady || connection.draining) continue;
      const isIdle = connection.streams.size === 0 && now - connection.idleSince >= idleMs;
      if (isIdle || (ageMs > 0 && now - connection.openedAt > ageMs)) connection.retire();
    }
    this.#waiting.tick(elapsedMs);
  }

  #serve(connection: Http2ClientConnection): void {
    while (connection.room > 0) {
      const call = this.#waiting.shift();
      if (call === undefined) break;
      connection.start(call);
    }
  }

  /** @returns false when there are as many connections as there may be */
  #open(): boolean {
    const { connections } = this.#limits;
    if (connections > 0 && this.#all.size + this.#dialling.size >= connections) return false;
    const dialling = new AbortController();
    this.#dialling.add(dialling);
    this.#opening++;
    void this.#dial(dialling.signal).then(
      (socket) => {
        this.#dialling.delete(dialling);
        this.#all.add(new Http2ClientConnection(socket, this, tickTime));
        startTicking(this);
      },
      (fault: UpstreamFault) => {
        this.#dialling.delete(dialling);
        this.#openFailed(fault);
        this.#rest();
        this.#startNext();
      },
    );
    return true;
  }

  #openFailed(fault: UpstreamFault): void {
    this.#opening--;
    if (this.#opening === 0) this.#waiting.failConnecting(fault);
  }

  /** A place is free for somebody who waits without a connection to come. */
  #startNext(): void {
    const next = this.#waiting.shiftQueued();
    if (next !== undefined) this.start(next);
  }

  /** Nobody waits for a connection any more: what is being dialled is given up. */
  readonly #abandon = (fault: UpstreamFault): void => {
    if (this.#waiting.connecting > 0) return;
    for (const dialling of this.#dialling) dialling.abort(fault);
    for (const connection of this.#all) if (!connection.isReady) connection.giveUp(fault);
  };

  /** Nothing is left to time. */
  #rest(): void {
    if (this.#all.size === 0 && this.#waiting.length === 0) stopTicking(this);
  }
}
