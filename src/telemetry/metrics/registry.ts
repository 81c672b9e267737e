import type { HistogramData } from "./latency-histogram.ts";
import { LatencyHistogram } from "./latency-histogram.ts";

export type MetricType = "counter" | "gauge" | "histogram";

/** What is measured, and by which labels. Names and units follow Prometheus: `_total`, `_seconds`, `_bytes`. */
export interface MetricInfo {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly labels: readonly string[];
  /** How the values of several workers become one: a sum (default), or the largest, for what all of them see. */
  readonly merge?: "sum" | "max";
  /** Goes from process to process, but not to Prometheus: label values that may be any text. */
  readonly internal?: boolean;
}

/** A metric as it goes from process to process: its label values, each with a number or a histogram. */
export interface MetricSnapshot extends MetricInfo {
  readonly series: readonly (readonly [labels: readonly string[], value: number | HistogramData])[];
}

/** A number that goes up, or up and down. */
export interface Value {
  value: number;
}

/** Series of one metric beyond this are counted under the label value `other`. */
const MAX_SERIES = 2_000;

/** One metric, by its labels. */
export class Metric<M extends Value | LatencyHistogram> {
  readonly info: MetricInfo;
  readonly #make: () => M;
  readonly #series = new Map<string, { readonly labels: readonly string[]; readonly meter: M }>();

  constructor(info: MetricInfo, make: () => M) {
    this.info = info;
    this.#make = make;
  }

  /** What is measured under these label values. Keep it where the path is hot. */
  of(...labels: readonly string[]): M {
    const key = labels.join("\0");
    const known = this.#series.get(key);
    if (known !== undefined) return known.meter;
    const isOver = this.#series.size >= MAX_SERIES;
    if (isOver && labels.some((label) => label !== "other"))
      return this.of(...labels.map(() => "other"));
    const meter = this.#make();
    this.#series.set(key, { labels, meter });
    return meter;
  }

  /** Forgets all series, for what is collected anew with every look. */
  clear(): void {
    this.#series.clear();
  }

  snapshot(): MetricSnapshot {
    const series = [...this.#series.values()].map(({ labels, meter }) => {
      if (!(meter instanceof LatencyHistogram)) return [labels, meter.value] as const;
      const { counts, count, sumSeconds } = meter;
      return [labels, { counts, count, sumSeconds }] as const;
    });
    return { ...this.info, series };
  }
}

/** All metrics of a process. */
export class Metrics {
  readonly #metrics: Metric<Value | LatencyHistogram>[] = [];
  readonly #collectors = new Set<() => void>();

  counter(name: string, help: string, ...labels: string[]): Metric<Value> {
    return this.#add({ name, help, type: "counter", labels }, () => ({ value: 0 }));
  }

  gauge(name: string, help: string, ...labels: string[]): Metric<Value> {
    return this.#add({ name, help, type: "gauge", labels }, () => ({ value: 0 }));
  }

  /** A gauge of which all workers see the same: over them the largest counts, not the sum. */
  highest(name: string, help: string, ...labels: string[]): Metric<Value> {
    const info: MetricInfo = { name, help, type: "gauge", labels, merge: "max" };
    return this.#add(info, () => ({ value: 0 }));
  }

  /** Texts of the present moment as labels, for status; see {@link MetricInfo.internal}. */
  texts(name: string, help: string, ...labels: string[]): Metric<Value> {
    const info: MetricInfo = { name, help, type: "gauge", labels, internal: true };
    return this.#add(info, () => ({ value: 0 }));
  }

  histogram(name: string, help: string, ...labels: string[]): Metric<LatencyHistogram> {
    return this.#add({ name, help, type: "histogram", labels }, () => new LatencyHistogram());
  }

  /** Called before each look, to bring up to date what is not counted as it happens. @returns what ends that */
  onCollect(collector: () => void): () => void {
    this.#collectors.add(collector);
    return () => void this.#collectors.delete(collector);
  }

  snapshot(): MetricSnapshot[] {
    for (const collect of this.#collectors) collect();
    return this.#metrics.map((metric) => metric.snapshot());
  }

  #add<M extends Value | LatencyHistogram>(info: MetricInfo, make: () => M): Metric<M> {
    const metric = new Metric(info, make);
    this.#metrics.push(metric as unknown as Metric<Value | LatencyHistogram>);
    return metric;
  }
}

/** The metrics of several processes as one. */
export function mergeSnapshots(all: readonly (readonly MetricSnapshot[])[]): MetricSnapshot[] {
  const merged = new Map<string, { info: MetricInfo; series: Map<string, Series> }>();
  for (const snapshot of all.flat()) {
    const { series, ...info } = snapshot;
    const known = merged.get(info.name) ?? { info, series: new Map<string, Series>() };
    merged.set(info.name, known);
    for (const [labels, value] of series) addTo(known.series, labels, value, info.merge);
  }
  return [...merged.values()].map(({ info, series }) => ({
    ...info,
    series: [...series.values()],
  }));
}

type Series = [labels: readonly string[], value: number | HistogramData];

function addTo(
  series: Map<string, Series>,
  labels: readonly string[],
  value: number | HistogramData,
  merge: MetricInfo["merge"],
): void {
  const key = labels.join("\0");
  const known = series.get(key);
  if (known === undefined) {
    series.set(key, [labels, value]);
  } else if (typeof value === "number") {
    const before = known[1] as number;
    known[1] = merge === "max" ? Math.max(before, value) : before + value;
  } else {
    const sum = new LatencyHistogram();
    sum.merge(known[1] as HistogramData);
    sum.merge(value);
    known[1] = sum;
  }
}
