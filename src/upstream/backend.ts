import type { BalancedBackend } from "./balance/balancer.ts";
import type { CircuitBreaker } from "./breaker/circuit-breaker.ts";
import type { Transport } from "./call.ts";
import type { Endpoint } from "./endpoint.ts";
import type { BackendEjection } from "./outlier/passive-ejection.ts";
import type { Reach } from "./outlier/reach.ts";
import type { SlowStart } from "./outlier/slow-start.ts";

/** What keeps watch over one backend; whatever is undefined is not asked for. */
export interface BackendGuards {
  readonly reach: Reach;
  readonly slowStart: SlowStart | undefined;
  readonly ejection: BackendEjection | undefined;
  readonly breaker: CircuitBreaker | undefined;
}

/** `up`, or why a backend is not asked, or hardly. */
export type BackendState = "up" | "unhealthy" | "ejected" | "unreachable" | "open" | "half_open";

/** How an attempt ended, for what judges a backend by it. */
export type AttemptOutcome = "ok" | "fault" | "ignored";

/** One server behind an upstream, with what is known and counted of it. */
export class Backend implements BalancedBackend {
  readonly endpoint: Endpoint;
  readonly weight: number;
  /** Asked only when no other can be. */
  readonly backup: boolean;
  readonly transport: Transport;
  /** Whether active checks find it well. */
  healthy = true;
  /** Requests under way. */
  inFlight = 0;
  /** Attempts since the start; those that ended in a fault; answers of 5xx. */
  requests = 0;
  faults = 0;
  errors = 0;
  readonly #guards: BackendGuards;

  constructor(
    endpoint: Endpoint,
    transport: Transport,
    weight: number,
    backup: boolean,
    guards: BackendGuards,
  ) {
    this.endpoint = endpoint;
    this.transport = transport;
    this.weight = weight;
    this.backup = backup;
    this.#guards = guards;
  }

  /** As it is shown in logs and metrics. */
  get name(): string {
    return this.endpoint.name;
  }

  /** Neither found ill, nor ejected, nor out of reach a moment ago. */
  get available(): boolean {
    return this.fit && !this.#guards.reach.isOut;
  }

  /** Neither found ill nor ejected. */
  get fit(): boolean {
    return this.healthy && this.#guards.ejection?.ejected !== true;
  }

  /** `up`, or why it is not asked. */
  get state(): BackendState {
    if (!this.healthy) return "unhealthy";
    if (this.#guards.ejection?.ejected === true) return "ejected";
    if (this.#guards.reach.isOut) return "unreachable";
    const breaker = this.#guards.breaker?.state ?? "closed";
    return breaker === "closed" ? "up" : breaker;
  }

  effectiveWeight(): number {
    const { slowStart } = this.#guards;
    return slowStart === undefined ? this.weight : this.weight * slowStart.factor;
  }

  /** A pass of its breaker for an attempt; 0 = it may not be asked. */
  allow(): number {
    return this.#guards.breaker?.allow() ?? 1;
  }

  /** Tells what became of an attempt with that pass. */
  judge(outcome: AttemptOutcome, pass: number): void {
    if (outcome === "fault") this.errors++;
    this.#guards.breaker?.record(outcome, pass);
    if (outcome !== "ignored") this.#guards.ejection?.record(outcome === "fault");
  }

  /** Whether a connection to it could be made. */
  noteReach(reached: boolean): void {
    this.#guards.reach.note(reached);
  }

  /** Active checks have found something else than before. */
  noteHealth(healthy: boolean): void {
    if (healthy && !this.healthy) this.#guards.slowStart?.begin();
    this.healthy = healthy;
  }
}
