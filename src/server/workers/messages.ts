import type { StoreReply, StoreRequest } from "../../store/store-messages.ts";
import type { MetricSnapshot } from "../../telemetry/metrics/registry.ts";
import type { ReloadOutcome } from "../lifecycle/reloader.ts";
import type { Unready } from "../../telemetry/health/readiness.ts";
import type { ServerAddress } from "../serve.ts";
import type { SocketHandle } from "../lifecycle/sockets.ts";

/** One worker has the UDP port, the others tell clients of it. */
export type Http3Role = "own" | "elsewhere" | "off";

/** What a worker is to run. */
export interface Assignment {
  /** What the configuration was built from; `Workload.build` makes a plan of it. */
  readonly source: unknown;
  readonly sockets: readonly SocketHandle[];
  readonly http3: Http3Role;
}

/** From the supervisor to a worker. */
export type Order =
  | ({ readonly type: "start" } & Assignment)
  /** Build and check, and keep it ready. */
  | { readonly type: "prepare"; readonly source: unknown }
  /** Serve what was prepared. */
  | { readonly type: "commit" }
  | { readonly type: "abort" }
  | { readonly type: "drain" }
  | { readonly type: "close" }
  | { readonly type: "reopen-logs" }
  | { readonly type: "readiness"; readonly reasons: readonly Unready[] }
  /** Tell what you have counted; answered with `metrics-report`. */
  | { readonly type: "report-metrics"; readonly id: number }
  /** What was asked for with `metrics-wanted`: the metrics of all workers. */
  | { readonly type: "metrics"; readonly id: number; readonly all: readonly MetricSnapshot[] }
  /** What became of what was asked for with `reload-wanted`. */
  | { readonly type: "reload-outcome"; readonly id: number; readonly outcome: ReloadOutcome }
  | StoreReply;

/** From a worker to its supervisor. */
export type Answer =
  /** It listens for orders. */
  | { readonly type: "hello" }
  | {
      readonly type: "started";
      readonly addresses: readonly ServerAddress[];
      readonly warnings: readonly string[];
    }
  | { readonly type: "prepared" }
  | { readonly type: "committed" }
  /** It could not do the last order; nothing changed. */
  | { readonly type: "refused"; readonly message: string; readonly code?: string }
  | { readonly type: "metrics-wanted"; readonly id: number }
  | { readonly type: "reload-wanted"; readonly id: number }
  | {
      readonly type: "metrics-report";
      readonly id: number;
      readonly metrics: readonly MetricSnapshot[];
    }
  | StoreRequest;

/** The first inherited descriptor; the others follow in the order of `Assignment.sockets`. */
export const FIRST_DESCRIPTOR = 3;

/** How long a worker may take to tell what it has counted. */
export const REPORT_MS = 1_000;

/** How long a reload may take, and the one before it that it waits for. */
export const RELOAD_MS = 180_000;
