/** What a balancer reads of a backend. */
export interface BalancedBackend {
  readonly name: string;
  /** Its share beside the others': a whole number above 0. */
  readonly weight: number;
  /** Requests under way. */
  readonly inFlight: number;
  /** Its weight as of now: less while it starts slowly, never 0. */
  effectiveWeight(): number;
}

/** Backends in the order in which a request should try them. */
export interface Selection<B> {
  /** The next candidate, each backend at most once; undefined once all were named. */
  next(): B | undefined;
}

/**
 * Chooses among backends. It knows nothing of health, retries or limits: whoever asks takes the first candidate
 * that may be used. For another set of backends there is another balancer.
 */
export interface Balancer<B> {
  /** @param hash of what keeps a request with its backend, uint32; other strategies ignore it */
  select(hash: number): Selection<B>;
}
