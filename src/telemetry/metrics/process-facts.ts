import type { Metrics } from "./registry.ts";

/** What every process tells of itself, under the names that Prometheus clients use. */
export function addProcessFacts(metrics: Metrics, version: string): void {
  const info = metrics.gauge(
    "sluice_info",
    "The version that runs; the value is the number of processes",
    "version",
  );
  const memory = metrics.gauge("process_resident_memory_bytes", "Resident memory, of all workers");
  const cpu = metrics.counter("process_cpu_seconds_total", "CPU time, of all workers");
  const started = metrics.highest(
    "process_start_time_seconds",
    "When it was started, seconds since 1970",
  );
  const start = Date.now() / 1000 - process.uptime();
  metrics.onCollect(() => {
    info.of(version).value = 1;
    memory.of().value = process.memoryUsage.rss();
    const { user, system } = process.cpuUsage();
    cpu.of().value = (user + system) / 1e6;
    started.of().value = start;
  });
}
