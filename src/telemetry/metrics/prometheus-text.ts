import type { HistogramData } from "./latency-histogram.ts";
import { BUCKET_SECONDS, LatencyHistogram } from "./latency-histogram.ts";
import type { MetricSnapshot } from "./registry.ts";

/** The media type of {@link prometheusText}. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const QUANTILES = [0.5, 0.95, 0.99];

/** Metrics in the text format of Prometheus (version 0.0.4). A histogram brings its quantiles as a gauge. */
export function prometheusText(metrics: readonly MetricSnapshot[]): string {
  let text = "";
  for (const metric of metrics) {
    if (metric.series.length > 0 && metric.internal !== true)
      text += metric.type === "histogram" ? histogram(metric) : plain(metric);
  }
  return text;
}

function head(name: string, help: string, type: string): string {
  const escaped = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
}

function plain({ name, help, type, labels, series }: MetricSnapshot): string {
  let text = head(name, help, type);
  for (const [values, value] of series) {
    text += `${name}${labelText(labels, values)} ${number(value as number)}\n`;
  }
  return text;
}

function histogram({ name, help, labels, series }: MetricSnapshot): string {
  let text = head(name, help, "histogram");
  const quantileName = name.replace(/_seconds$/, "_quantile_seconds");
  let quantiles = head(quantileName, `${help}, by quantile`, "gauge");
  for (const [values, value] of series) {
    const data = new LatencyHistogram();
    data.merge(value as HistogramData);
    for (const [at, count] of data.cumulative().entries()) {
      const le = labelText([...labels, "le"], [...values, String(BUCKET_SECONDS[at])]);
      text += `${name}_bucket${le} ${count}\n`;
    }
    text += `${name}_bucket${labelText([...labels, "le"], [...values, "+Inf"])} ${data.count}\n`;
    text += `${name}_sum${labelText(labels, values)} ${number(data.sumSeconds)}\n`;
    text += `${name}_count${labelText(labels, values)} ${data.count}\n`;
    for (const share of QUANTILES) {
      const label = labelText([...labels, "quantile"], [...values, String(share)]);
      quantiles += `${quantileName}${label} ${number(data.quantile(share))}\n`;
    }
  }
  return text + quantiles;
}

function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return "";
  const pairs = names.map((name, at) => `${name}="${escapeLabel(values[at] ?? "")}"`);
  return `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function number(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}
