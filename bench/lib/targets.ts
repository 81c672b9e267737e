import { pairedRatio } from "./statistics.ts";

/** One server in one case on one transport, round by round. */
export interface Measured {
  readonly peer: string;
  readonly case: string;
  readonly transport: string;
  readonly perSecond: readonly number[];
  /** A request's. */
  readonly cpuMicros: readonly number[];
  readonly errors: number;
}

export interface Verdict {
  readonly what: string;
  readonly value: number;
  readonly target: string;
  readonly pass: boolean;
}

interface Target {
  readonly case: string;
  readonly transport: string;
  readonly beside: string;
  readonly of: "cpuMicros" | "perSecond";
  /** Sluice's figure over the other's: at most this for CPU, at least this for requests. */
  readonly ratio: number;
}

const cpu = (name: string, transport: string, ratio: number, beside = "nginx"): Target => ({
  case: name,
  transport,
  beside,
  of: "cpuMicros",
  ratio,
});
const rate = (name: string, transport: string, ratio: number): Target => ({
  case: name,
  transport,
  beside: "nginx",
  of: "perSecond",
  ratio,
});

/** What Sluice promises of itself, one process each. */
const targets: readonly Target[] = [
  cpu("hello", "h1", 1.2),
  cpu("hello", "h1", 1.05, "bun"),
  cpu("1k", "h1", 1.15),
  cpu("64k", "h1", 1.15),
  rate("10m", "h1", 0.95),
  cpu("10m", "h1", 1.4),
  ...["hello", "1k", "64k", "10m"].map((name) => cpu(name, "h1-tls", 1.15)),
  ...["hello", "1k", "64k", "10m"].map((name) => rate(name, "h2", 0.5)),
];

export function verdicts(results: readonly Measured[]): Verdict[] {
  return targets.flatMap((target) => {
    const find = (peer: string) =>
      results.find(
        (result) =>
          result.peer === peer &&
          result.case === target.case &&
          result.transport === target.transport,
      );
    const [own, other] = [find("sluice"), find(target.beside)];
    if (own === undefined || other === undefined) return [];
    const value = pairedRatio(own[target.of], other[target.of]);
    const isCpu = target.of === "cpuMicros";
    return {
      what: `${target.case}, ${target.transport}: ${isCpu ? "CPU" : "requests/s"} ÷ ${target.beside}`,
      value,
      target: `${isCpu ? "≤" : "≥"} ${target.ratio}`,
      pass: isCpu ? value <= target.ratio : value >= target.ratio,
    };
  });
}

const MIB = 1 << 20;

/** Of memory in bytes and time in milliseconds; what was not measured is undefined. */
export function sizeVerdicts(sizes: {
  idle?: number | undefined;
  plain?: number | undefined;
  tls?: number | undefined;
  startMs?: number | undefined;
}): Verdict[] {
  const one = (what: string, value: number | undefined, limit: number, unit: string): Verdict[] =>
    value === undefined
      ? []
      : [{ what, value, target: `≤ ${limit} ${unit}`, pass: value <= limit }];
  const mib = (bytes: number | undefined) => bytes && bytes / MIB;
  return [
    ...one("resident memory, idle (MiB)", mib(sizes.idle), 70, "MiB"),
    ...one("10,000 idle connections, plain (MiB)", mib(sizes.plain), 150, "MiB"),
    ...one("10,000 idle connections, TLS (MiB)", mib(sizes.tls), 220, "MiB"),
    ...one("executable, start to first answer (ms)", sizes.startMs, 150, "ms"),
  ];
}
