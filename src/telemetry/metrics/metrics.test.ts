import { describe, expect, test } from "bun:test";
import { LatencyHistogram } from "./latency-histogram.ts";
import { prometheusText } from "./prometheus-text.ts";
import { mergeSnapshots, Metrics } from "./registry.ts";
import { RequestMetrics } from "./request-metrics.ts";
import type { Exchange } from "../../core/exchange.ts";

describe("LatencyHistogram", () => {
  test("quantiles are at most an eighth too high", () => {
    const histogram = new LatencyHistogram();
    for (let i = 1; i <= 10_000; i++) histogram.record(i / 10);
    for (const [share, seconds] of [
      [0.5, 0.5],
      [0.95, 0.95],
      [0.99, 0.99],
      [1, 1],
    ] as const) {
      expect(histogram.quantile(share)).toBeGreaterThanOrEqual(seconds * 0.99);
      expect(histogram.quantile(share)).toBeLessThan(seconds * 1.14);
    }
    expect(histogram.count).toBe(10_000);
    expect(histogram.sumSeconds).toBeCloseTo(5000.5);
  });

  test("what is nothing, negative, no number or endless is counted and breaks nothing", () => {
    const histogram = new LatencyHistogram();
    expect(histogram.quantile(0.5)).toBe(0);
    for (const ms of [0, -1, NaN, 1e12, Infinity]) histogram.record(ms);
    expect(histogram.count).toBe(5);
    expect(histogram.counts.reduce((sum, count) => sum + count)).toBe(5);
  });

  test("buckets count up, and what is merged is as if it had been recorded in one", () => {
    const [one, other, both] = [
      new LatencyHistogram(),
      new LatencyHistogram(),
      new LatencyHistogram(),
    ];
    for (let i = 0; i < 500; i++) {
      (i % 2 === 0 ? one : other).record(i * i);
      both.record(i * i);
    }
    one.merge(other);
    expect(one.counts).toEqual(both.counts);
    const buckets = one.cumulative();
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    expect(buckets.at(-1)).toBeLessThanOrEqual(one.count);
  });
});

describe("Metrics", () => {
  test("the text of Prometheus, labels escaped", () => {
    const metrics = new Metrics();
    metrics.counter("a_total", "How\nmany", "route").of('x"\\\n').value = 3;
    metrics.gauge("b", "Now").of().value = 1.5;
    metrics.gauge("empty", "Nothing yet", "x");
    expect(prometheusText(metrics.snapshot())).toBe(
      '# HELP a_total How\\nmany\n# TYPE a_total counter\na_total{route="x\\"\\\\\\n"} 3\n' +
        "# HELP b Now\n# TYPE b gauge\nb 1.5\n",
    );
  });

  test("a histogram has its buckets, its sum, and quantiles", () => {
    const metrics = new Metrics();
    metrics.histogram("t_seconds", "Time", "r").of("x").record(3);
    const text = prometheusText(metrics.snapshot());
    expect(text).toContain(
      't_seconds_bucket{r="x",le="0.0025"} 0\nt_seconds_bucket{r="x",le="0.005"} 1\n',
    );
    expect(text).toContain(
      't_seconds_bucket{r="x",le="+Inf"} 1\nt_seconds_sum{r="x"} 0.003\nt_seconds_count{r="x"} 1\n',
    );
    expect(text).toContain('t_quantile_seconds{r="x",quantile="0.99"} 0.003');
  });

  test("of several processes: sums, the largest where all see the same, histograms added", () => {
    const snapshot = (count: number) => {
      const metrics = new Metrics();
      metrics.counter("a_total", "A", "r").of("x").value = count;
      metrics.counter("a_total", "A", "r");
      metrics.highest("h", "H").of().value = count;
      metrics.histogram("t_seconds", "T").of().record(count);
      return metrics.snapshot();
    };
    const text = prometheusText(mergeSnapshots([snapshot(2), snapshot(3)]));
    expect(text).toContain('a_total{r="x"} 5\n');
    expect(text).toContain("\nh 3\n");
    expect(text).toContain("t_seconds_count 2\n");
  });

  test("labels without an end are bounded", () => {
    const metrics = new Metrics();
    const counter = metrics.counter("a_total", "A", "x");
    for (let i = 0; i < 5_000; i++) counter.of(String(i)).value++;
    const { series } = counter.snapshot();
    expect(series.length).toBeLessThanOrEqual(2_001);
    expect(series.find(([[label]]) => label === "other")?.[1]).toBe(3_000);
  });
});

test("requests: what clients make up as methods is one label", () => {
  const metrics = new Metrics();
  const requests = new RequestMetrics(metrics);
  const outcome = { status: 200, bytes: 5, durationMs: 1, error: undefined };
  for (const method of ["GET", "GET", "X1", "X2", "get"]) {
    requests.record({ method, route: undefined } as Exchange, outcome);
  }
  requests.record({ method: "GET", route: undefined } as Exchange, {
    ...outcome,
    error: new Error("gone"),
  });
  const text = prometheusText(metrics.snapshot());
  expect(text).toContain('sluice_requests_total{method="GET",route="none",status="200"} 3');
  expect(text).toContain('sluice_requests_total{method="other",route="none",status="200"} 3');
  expect(text).toContain('sluice_requests_aborted_total{route="none"} 1');
  expect(text).toContain('sluice_response_bytes_total{route="none"} 30');
});
