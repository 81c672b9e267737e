import type { BalancedBackend } from "./balance/balancer.ts";
import type { CircuitBreaker } from "./breaker/circuit-breaker.ts";
import type { Transport } from "./call.ts";
import type { Endpoint } from "./endpoint.ts";
import type { UpstreamFault } from "./fault.ts";
import { LatencyHistogram } from "../telemetry/metrics/latency-histogram.ts";
import { FaultCounts } from "./fault-counts.ts";
import type { BackendEjection } from "./outlier/passive-ejection.ts";
import type { Reach } from "./outlier/reach.ts";
import type { SlowStart } from "./outlier/slow-start.ts";

/** What keeps watch over one backend; whatever is undefined is not asked for. */
export interface BackendGuards {
  readonly reach: Reach;
  readonly slowStart: SlowStart | undefined;
  readonly ejection: BackendEjection | undefined;
  readonly breaker: CircuitBreaker | undefined;
  /** Told when the state is another one. */
  readonly changed?: (backend: Backend, state: BackendState) => void;
}

/** `up`, or why a backend is not asked, or hardly. */
export type BackendState = "up" | "unhealthy" | "ejected" | "unreachable" | "open" | "half_open";

/** How an attempt ended, for what judges a backend by it. */
export type AttemptOutcome = "ok" | "fault" | "ignored";

/** One server behind an upstream, with what is known and counted of it. */
export class Backend implements BalancedBackend {
  readonly endpoint: Endpoint;
  /** Changed only by what is discovered, and a new balancer. */
  weight: number;
  /** Asked only when no other can be. */
  backup: boolean;
  readonly transport: Transport;
  /** Whether active checks find it well. */
  healthy = true;
  /** Requests under way. */
  inFlight = 0;
  /** Attempts since the start; those that ended in a fault; answers of 5xx; attempts after the first of a request. */
  requests = 0;
  faults = 0;
  errors = 0;
  retries = 0;
  readonly faultCounts = new FaultCounts();
  /** Time until the head of an answer, of attempts whose time somebody wants to know. */
  readonly latency = new LatencyHistogram();
  /** What was last told of its state. */
  #told: BackendState = "up";
  #retired = false;
  #illness: string | undefined;
  #lastFault: string | undefined;
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

  /** Neither found ill nor ejected, nor gone. */
  get fit(): boolean {
    return this.healthy && !this.#retired && this.#guards.ejection?.ejected !== true;
  }

  /** `up`, or why it is not asked. */
  get state(): BackendState {
    if (!this.healthy) return "unhealthy";
    if (this.#guards.ejection?.ejected === true) return "ejected";
    if (this.#guards.reach.isOut) return "unreachable";
    const breaker = this.#guards.breaker?.state ?? "closed";
    return breaker === "closed" ? "up" : breaker;
  }

  /** Why it is in that state; undefined when it is up. */
  get reason(): string | undefined {
    const { ejection, breaker } = this.#guards;
    switch (this.state) {
      case "up":
        return undefined;
      case "unhealthy":
        return this.#illness;
      case "ejected":
        return ejection?.reason;
      case "unreachable":
        return this.#lastFault;
      case "open":
      case "half_open":
        return breaker?.reason;
    }
  }

  /** Times its breaker opened, and it was ejected, since the start. */
  get opened(): number {
    return this.#guards.breaker?.opened ?? 0;
  }

  get ejections(): number {
    return this.#guards.ejection?.ejections ?? 0;
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
    this.#guards.breaker?.record(outcome, pass);
    if (outcome !== "ignored") this.#guards.ejection?.record(outcome === "fault");
    // What only time has changed is not told: a fault says that it is not well.
    if (outcome === "fault") this.#tell(false);
    else if (outcome === "ok" && this.#told !== "up") this.#tell(true);
  }

  /** An attempt failed, for a reason that is the backend's. */
  noteFault(fault: UpstreamFault): void {
    this.faults++;
    this.faultCounts.add(fault.code);
    this.#lastFault = fault.message;
  }

  /** Whether a connection to it could be made. */
  noteReach(reached: boolean): void {
    this.#guards.reach.note(reached);
    if (!reached) this.#tell(false);
  }

  /** Active checks have found something else than before. @param reason what is wrong */
  noteHealth(healthy: boolean, reason?: string): void {
    if (healthy && !this.healthy) this.#guards.slowStart?.begin();
    this.healthy = healthy;
    this.#illness = reason;
    this.#tell(true);
  }

  /** It came while others were at work: its share rises slowly, where that is asked for. */
  beginSlowly(): void {
    this.#guards.slowStart?.begin();
  }

  /** It is none of the upstream's any more: it is asked no more, and what is under way ends in peace. */
  retire(): void {
    this.#retired = true;
    this.#guards.ejection?.leave();
    this.transport.close();
  }

  #tell(mayBeUp: boolean): void {
    const { state } = this;
    if (this.#retired) return;
    if (state === this.#told || (state === "up" && !mayBeUp)) return;
    this.#told = state;
    this.#guards.changed?.(this, state);
  }
}
