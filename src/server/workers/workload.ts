import type { Store } from "../../store/store.ts";
import type { Readiness } from "../../telemetry/health/readiness.ts";
import type { ProcessMetrics } from "../../telemetry/metrics/process-metrics.ts";
import type { ReloadOutcome } from "../lifecycle/reloader.ts";
import type { Plan } from "../lifecycle/plan.ts";

/** What a process shares with its servers through all reloads. */
export interface ProcessContext {
  readonly readiness: Readiness;
  readonly store: Store;
  readonly metrics: ProcessMetrics;
  /** What SIGHUP does, of the whole group. */
  reload(): Promise<ReloadOutcome>;
}

/** Makes plans and does what goes with them; the same in a single process and in every worker. */
export interface Workload {
  /** @param source what the supervisor read and checked. Rejects when it cannot be served */
  build(source: unknown, context: ProcessContext): Promise<Plan>;
  /** Log files were moved away. */
  reopenLogs(): void;
  /** The process ends: what is not written yet must be. */
  close(): Promise<void>;
}
