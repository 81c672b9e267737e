import type { InFlightLimit } from "./admission/in-flight-limit.ts";
import type { UpstreamTimeouts } from "./call.ts";
import type { Candidates } from "./candidates.ts";
import type { Clock, Schedule } from "./clock.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { RetryBudget } from "./retry/retry-budget.ts";
import type { RetryPolicy } from "./retry/retry-policy.ts";
import type { UpstreamObserver } from "./upstream-observer.ts";

/** What holds for every request to an upstream, as a {@link Delivery} reads it. */
export interface UpstreamPolicy {
  /** Its name. */
  readonly upstream: string;
  readonly candidates: Candidates;
  /** Faults of requests that no backend had. */
  readonly faultCounts: FaultCounts;
  readonly observer: UpstreamObserver | undefined;
  readonly timeouts: UpstreamTimeouts;
  /** Milliseconds for a request with all its attempts; 0 = no limit. */
  readonly totalMs: number;
  /** Undefined where any number may be under way. */
  readonly limit: InFlightLimit | undefined;
  readonly retry: RetryPolicy;
  readonly budget: RetryBudget;
  readonly now: Clock;
  readonly schedule: Schedule;
  /** Bytes of content that are kept for another attempt. */
  replayBytes(method: string): number;
  /** Milliseconds before the attempt after so many; undefined = it would come too late. */
  retryWait(attempts: number, askedMs: number | undefined, leftMs: number): number | undefined;
}
