import { HttpError } from "../../core/errors.ts";
import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { isSource, Reply } from "../../core/reply.ts";
import { whenSent } from "../../core/when-sent.ts";
import { HeaderList } from "../../http/header-list.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../../telemetry/metrics/prometheus-text.ts";
import { Metrics } from "../../telemetry/metrics/registry.ts";
import { RequestMetrics } from "../../telemetry/metrics/request-metrics.ts";

export interface MetricsOptions {
  /** The canonical path that answers with the metrics. Default `/metrics`. */
  path?: string;
  /** Stands around that path alone, such as `bearer({ … })` of `sluice/auth`. Without one everybody may look. */
  // oxlint-disable-next-line no-explicit-any
  guard?: Middleware<any, any>;
}

const FIELDS = new HeaderList([
  "content-type",
  PROMETHEUS_TYPE,
  "cache-control",
  "no-store",
]).freeze();

/**
 * Counts requests as the gateway does and shows them to Prometheus: `sluice_requests_total` by method, route and
 * status, `sluice_request_duration_seconds` with quantiles, `sluice_response_bytes_total`,
 * `sluice_requests_aborted_total` and `sluice_requests_in_flight`. Labels are those of routes: clients cannot add
 * to them.
 *
 * Counts are of one process: with several workers use the admin listener, which adds them up. Put it first, so
 * that what other middleware refuses is counted too. An error that was thrown counts with its own status, or 500.
 *
 * @throws TypeError at start when `path` does not begin with a slash
 * @example
 * new App()
 *   .use(metrics({ guard: ipFilter({ allow: ["loopback", "private"] }) }))
 *   .get("/users/:id", ({ params }) => params.id);
 */
export function metrics({ path = "/metrics", guard }: MetricsOptions = {}): Middleware {
  if (!path.startsWith("/")) throw new TypeError(`metrics: path must begin with "/", not ${path}`);
  const registry = new Metrics();
  const requests = new RequestMetrics(registry);
  const inFlight = registry.gauge("sluice_requests_in_flight", "Requests under way").of();
  const page = async (): Promise<Reply> =>
    new Reply(prometheusText(registry.snapshot()), 200, FIELDS);
  const layer = middleware("metrics", async (c, next) => {
    if (c.path === path && (c.method === "GET" || c.method === "HEAD")) {
      return guard === undefined ? page() : guard(c, page);
    }
    const began = performance.now();
    inFlight.value++;
    const over = (status: number, bytes: number, error?: unknown): void => {
      inFlight.value--;
      const durationMs = performance.now() - began;
      requests.record(c.exchange, { status, bytes, durationMs, error });
    };
    let reply: Reply;
    try {
      reply = await next();
    } catch (error) {
      over(error instanceof HttpError ? error.status : 500, 0);
      throw error;
    }
    const { status, body } = reply;
    if (c.method === "HEAD") {
      // Its body is never pulled.
      over(status, 0);
      return reply;
    }
    if (!isSource(body)) {
      over(status, sizeOf(body));
      return reply;
    }
    return whenSent(Object.isFrozen(reply) ? reply.with(reply.headers) : reply, (bytes, cutShort) =>
      over(status, bytes, cutShort && (cutShort.reason ?? "cut short")),
    );
  });
  return layer;
}

const encoder = new TextEncoder();

function sizeOf(body: string | Uint8Array | null): number {
  if (body === null) return 0;
  return typeof body === "string" ? encoder.encode(body).length : body.length;
}
