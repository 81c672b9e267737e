/** Each doubling of time is divided into so many equal parts: a quantile is at most 1/8 too high. */
const PARTS = 8;
/** From a microsecond to two minutes; what is longer counts as that. */
const DOUBLINGS = 27;
const SIZE = PARTS * (DOUBLINGS + 1);

/** Upper bounds of what Prometheus is told, in seconds. */
export const BUCKET_SECONDS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** How often something took how long. Recording is a few additions; two of them can be merged by adding. */
export class LatencyHistogram {
  /** How many times, by {@link indexOf}. */
  readonly counts: number[] = Array.from({ length: SIZE }, () => 0);
  count = 0;
  sumSeconds = 0;

  /** @param ms milliseconds */
  record(ms: number): void {
    this.counts[indexOf(ms)]!++;
    this.count++;
    this.sumSeconds += ms / 1000;
  }

  merge({ counts, count, sumSeconds }: HistogramData): void {
    for (let i = 0; i < SIZE; i++) this.counts[i]! += counts[i] ?? 0;
    this.count += count;
    this.sumSeconds += sumSeconds;
  }

  /** The time below which `share` (0 to 1) of all were, in seconds; 0 when there were none. */
  quantile(share: number): number {
    const wanted = share * this.count;
    let seen = 0;
    for (let i = 0; i < SIZE; i++) {
      seen += this.counts[i] as number;
      if (seen >= wanted && seen > 0) return upperSeconds(i);
    }
    return 0;
  }

  /** How many took at most as long as each of {@link BUCKET_SECONDS}. */
  cumulative(): number[] {
    let at = 0;
    let seen = 0;
    return BUCKET_SECONDS.map((bound) => {
      while (at < SIZE && upperSeconds(at) <= bound) seen += this.counts[at++] as number;
      return seen;
    });
  }
}

/** A histogram as it goes from process to process. */
export type HistogramData = Pick<LatencyHistogram, "counts" | "count" | "sumSeconds">;

function indexOf(ms: number): number {
  const micros = ms * 1000;
  if (!(micros >= 1)) return 0;
  const doubling = 31 - Math.clz32(Math.min(micros, 0x7fffffff));
  if (doubling > DOUBLINGS) return SIZE - 1;
  const base = 2 ** doubling;
  return doubling * PARTS + Math.min(PARTS - 1, Math.floor(((micros - base) / base) * PARTS));
}

function upperSeconds(index: number): number {
  const base = 2 ** Math.floor(index / PARTS);
  return (base + (base * ((index % PARTS) + 1)) / PARTS) / 1e6;
}
