import type { Connection } from "../../../core/exchange.ts";
import type { EngineHost } from "../../engine.ts";
import type { Swept } from "../../sweeper.ts";
import { H3 } from "./codes.ts";
import type { QuicSession, QuicStream } from "./quic.ts";
import type { StreamOwner } from "./request-stream.ts";
import { RequestStream } from "./request-stream.ts";

/** How long resets are remembered. */
const RESET_WINDOW_MS = 30_000;
/** Content that may wait for handlers on one connection, and in the process. */
const MAX_WAITING = 8 * 1024 * 1024;
const MAX_ALL_WAITING = 256 * 1024 * 1024;
let allWaiting = 0;

/** One QUIC connection that speaks HTTP/3, once its handshake is done. */
export class Http3Connection implements StreamOwner, Swept {
  readonly connection: Connection;
  readonly host: EngineHost;
  readonly #session: QuicSession;
  readonly #streams = new Set<RequestStream>();
  #requests = 0;
  #resets = 0;
  #windowMs = 0;
  #idleMs = 0;
  #leaving = false;
  #waiting = 0;
  #heard = 0n;
  #silentMs = 0;

  constructor(session: QuicSession, connection: Connection, host: EngineHost) {
    this.#session = session;
    this.connection = connection;
    this.host = host;
  }

  accept(stream: QuicStream): void {
    if (stream.direction !== "bidi") return;
    this.#idleMs = 0;
    this.#streams.add(new RequestStream(this, stream));
    const limit = this.host.limits.requestsPerConnection;
    this.#requests++;
    if (limit > 0 && this.#requests >= limit) this.leave();
  }

  streamEnded(stream: RequestStream, wasted: boolean): void {
    this.#streams.delete(stream);
    if (wasted) this.#countReset();
  }

  waitingBytes(change: number): boolean {
    this.#waiting += change;
    allWaiting += change;
    if (change <= 0) return true;
    return this.#waiting <= MAX_WAITING && allWaiting <= MAX_ALL_WAITING;
  }

  /** Says GOAWAY: what is open is finished, nothing new is taken. */
  leave(): void {
    if (this.#leaving || this.#session.destroyed) return;
    this.#leaving = true;
    this.#session.close().catch(() => {});
  }

  destroy(code: number, reason: string): void {
    if (this.#session.destroyed) return;
    this.#session.destroy(undefined, { code, type: "application", reason });
  }

  /** The session has ended. */
  ended(reason: unknown): void {
    for (const stream of this.#streams) stream.destroy(reason);
    this.#streams.clear();
  }

  sweep(elapsedMs: number): void {
    this.#windowMs += elapsedMs;
    if (this.#windowMs >= RESET_WINDOW_MS) {
      this.#windowMs = 0;
      this.#resets = 0;
    }
    if (this.#vanished(elapsedMs)) return;
    for (const stream of this.#streams) stream.sweep(elapsedMs);
    if (this.#streams.size > 0) return;
    this.#idleMs += elapsedMs;
    if (this.#idleMs > this.host.limits.keepAliveMs) this.leave();
  }

  /** Even a client that only waits acknowledges our PINGs; the transport's own idle timer is restarted by what we send. */
  #vanished(elapsedMs: number): boolean {
    const heard = this.#session.stats.bytesReceived;
    this.#silentMs = heard === this.#heard ? this.#silentMs + elapsedMs : 0;
    this.#heard = heard;
    const { idleMs, keepAliveMs } = this.host.limits;
    if (this.#silentMs <= Math.max(idleMs, keepAliveMs)) return false;
    this.destroy(H3.NO_ERROR, "");
    return true;
  }

  /** Streams begun and broken off cost work nobody waits for, whichever side resets them (CVE-2023-44487). */
  #countReset(): void {
    this.#resets++;
    if (this.#resets <= this.host.limits.resets || this.#session.destroyed) return;
    const { remoteAddress } = this.connection;
    this.host.observer.refused?.({ code: "too_many_resets", status: 0, remoteAddress });
    this.destroy(H3.EXCESSIVE_LOAD, "too many streams were reset");
  }
}
