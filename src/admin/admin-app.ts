import { App } from "../core/app.ts";
import { HttpError } from "../core/errors.ts";
import { jsonReply } from "../core/replies.ts";
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
import type { ReloadOutcome } from "../server/lifecycle/reloader.ts";
import { adminGuard } from "./guard.ts";
import { SPLITS_PATH, splitsApp } from "./splits-app.ts";
import { statusOf } from "./status.ts";
import type { Readiness } from "../telemetry/health/readiness.ts";

export interface AdminState {
  readonly readiness: Readiness;
  readonly version: string;
  /** Of all workers. */
  metrics(): Promise<readonly MetricSnapshot[]>;
  readonly splits: SplitControl;
  /** Names it may be asked by, besides addresses and `localhost`. */
  readonly hosts: readonly string[];
  /** What SIGHUP does, of all workers. */
  reload(): Promise<ReloadOutcome>;
}

/** Where {@link Status} is. */
export const STATUS_PATH = "/status";
/** Where a reload is asked for. */
export const RELOAD_PATH = "/reload";

const ENDPOINTS = [
  { path: LIVENESS_PATH, description: "200 while the process is alive" },
  { path: "/metrics", description: "counts and times in the text format of Prometheus" },
  { path: READINESS_PATH, description: "200, or 503 with reasons while no traffic should come" },
  { path: RELOAD_PATH, description: "POST reads the configuration anew" },
  {
    path: SPLITS_PATH,
    description: "weights of splits; POST and DELETE /splits/NAME change them and set them back",
  },
  { path: STATUS_PATH, description: "upstreams and backends, TCP and UDP proxies, reloads" },
];

/** What the admin listener serves. */
export function adminApp({ readiness, version, metrics, splits, hosts, reload }: AdminState): App {
  const index = `${JSON.stringify({ name: "sluice", version, endpoints: ENDPOINTS })}\n`;
  return new App()
    .use(adminGuard(hosts))
    .get("/", () => new Reply(index, 200, new HeaderList(["content-type", "application/json"])))
    .route(SPLITS_PATH, splitsApp(splits))
    .post(RELOAD_PATH, async () => {
      const outcome = await reload();
      if (outcome.ok) return jsonReply({ ms: outcome.ms });
      throw new HttpError(422, "reload_failed", outcome.problem);
    })
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
