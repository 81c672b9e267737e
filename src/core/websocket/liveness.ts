import type { WebSocketSettings } from "./options.ts";
import type { Swept } from "./sweep.ts";
import { pace, sweep, unsweep } from "./sweep.ts";

/** What is done when time has passed. */
export interface LivenessActions {
  /** Nothing was heard for a while: ask. */
  ask(): void;
  /** No message for too long. */
  idle(): void;
  /** The peer does not answer, to a ping or to a close. */
  gone(): void;
}

/** The time limits of one connection. */
export class Liveness implements Swept {
  readonly #settings: Required<WebSocketSettings>;
  readonly #actions: LivenessActions;
  readonly #paceMs: number;
  #silentMs = 0;
  #asked = false;
  #idleMs = 0;
  #closingMs = -1;

  constructor(settings: Required<WebSocketSettings>, actions: LivenessActions) {
    this.#settings = settings;
    this.#actions = actions;
    this.#paceMs = pace([settings.heartbeatMs, settings.idleMs, settings.closeMs]);
    sweep(this, this.#paceMs);
  }

  /** Bytes came, or it is us who do not read. */
  heard(): void {
    this.#silentMs = 0;
    this.#asked = false;
  }

  /** A message came or went. */
  used(): void {
    this.#idleMs = 0;
  }

  /** From now on only the time to close counts. */
  closing(): void {
    if (this.#closingMs < 0) this.#closingMs = 0;
  }

  stop(): void {
    unsweep(this, this.#paceMs);
  }

  sweep(elapsedMs: number): void {
    const { heartbeatMs, idleMs, closeMs } = this.#settings;
    if (this.#closingMs >= 0) {
      this.#closingMs += elapsedMs;
      if (this.#closingMs > closeMs) this.#actions.gone();
      return;
    }
    this.#idleMs += elapsedMs;
    if (idleMs > 0 && this.#idleMs > idleMs) {
      this.#actions.idle();
      return;
    }
    this.#silentMs += elapsedMs;
    if (heartbeatMs === 0 || this.#silentMs <= heartbeatMs) return;
    if (this.#asked) {
      this.#actions.gone();
      return;
    }
    this.#asked = true;
    this.#silentMs = 0;
    this.#actions.ask();
  }
}
