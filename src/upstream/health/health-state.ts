/** Results in a row that change what is thought of a backend. */
export interface HealthThresholds {
  readonly healthy: number;
  readonly unhealthy: number;
}

/**
 * What checks say of a backend. It counts as healthy until proven otherwise; as long as nothing is known of it,
 * the first check decides.
 */
export class HealthState {
  readonly #thresholds: HealthThresholds;
  readonly #onChange: ((healthy: boolean) => void) | undefined;
  #healthy = true;
  #known = false;
  /** Results in a row that contradict what is thought. */
  #against = 0;
  #reason: string | undefined;

  /** @param onChange told when a backend goes or is back; not of a first good check */
  constructor(thresholds: HealthThresholds, onChange?: (healthy: boolean) => void) {
    this.#thresholds = thresholds;
    this.#onChange = onChange;
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  /** For status and metrics. */
  get status(): "unknown" | "healthy" | "unhealthy" {
    return this.#known ? (this.#healthy ? "healthy" : "unhealthy") : "unknown";
  }

  /** What was wrong at the last check; undefined when it was good. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Notes the result of a check. @param reason what was wrong; undefined = nothing */
  record(reason: string | undefined): void {
    const good = reason === undefined;
    const first = !this.#known;
    this.#known = true;
    this.#reason = reason;
    if (good === this.#healthy) {
      this.#against = 0;
      return;
    }
    const { healthy, unhealthy } = this.#thresholds;
    if (++this.#against < (first ? 1 : good ? healthy : unhealthy)) return;
    this.#healthy = good;
    this.#against = 0;
    this.#onChange?.(good);
  }
}
