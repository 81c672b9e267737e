import { App } from "../core/app.ts";
import { Reply } from "../core/reply.ts";
import { HeaderList } from "../http/header-list.ts";
import {
  LIVENESS_PATH,
  livenessReply,
  READINESS_PATH,
  readinessReply,
} from "../telemetry/health/health-reply.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../telemetry/metrics/prometheus-text.ts";
import type { MetricSnapshot } from "../telemetry/metrics/registry.ts";
import type { SplitControl } from "../gateway/traffic/splits.ts";
import { SPLITS_PATH, splitsApp } from "./splits-app.ts";
import { statusOf } from "./status.ts";
import type { Readiness } from "../telemetry/health/readiness.ts";

export interface AdminState {
  readonly readiness: Readiness;
  readonly version: string;
  /** Of all workers. */
  metrics(): Promise<readonly MetricSnapshot[]>;
  readonly splits: SplitControl;
}

/** Where {@link Status} is. */
export const STATUS_PATH = "/status";

const ENDPOINTS = [
  { path: LIVENESS_PATH, description: "200 while the process is alive" },
  { path: "/metrics", description: "counts and times in the text format of Prometheus" },
  { path: READINESS_PATH, description: "200, or 503 with reasons while no traffic should come" },
  {
    path: SPLITS_PATH,
    description: "weights of splits; POST and DELETE /splits/NAME change them and set them back",
  },
  { path: STATUS_PATH, description: "upstreams and backends, TCP and UDP proxies, reloads" },
];

/** What the admin listener serves. */
export function adminApp({ readiness, version, metrics, splits }: AdminState): App {
  const index = `${JSON.stringify({ name: "sluice", version, endpoints: ENDPOINTS })}\n`;
  return new App()
    .get("/", () => new Reply(index, 200, new HeaderList(["content-type", "application/json"])))
    .route(SPLITS_PATH, splitsApp(splits))
    .get("/metrics", async () => {
      const headers = new HeaderList([
        "content-type",
        PROMETHEUS_TYPE,
        "cache-control",
        "no-store",
      ]);
      return new Reply(prometheusText(await metrics()), 200, headers);
    })
    .get(STATUS_PATH, async () => {
      const headers = new HeaderList([
        "content-type",
        "application/json",
        "cache-control",
        "no-store",
      ]);
      return new Reply(`${JSON.stringify(statusOf(version, await metrics()))}\n`, 200, headers);
    })
    .get(LIVENESS_PATH, livenessReply)
    .get(READINESS_PATH, () => readinessReply(readiness));
}
