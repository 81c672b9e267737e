import type { MetricSnapshot, Metrics } from "./registry.ts";

/** What a process counts, and how it learns what its siblings have counted. */
export interface ProcessMetrics {
  readonly own: Metrics;
  /** The metrics of all workers as one. Those of a worker that does not answer are missing. */
  gather(): Promise<readonly MetricSnapshot[]>;
}
