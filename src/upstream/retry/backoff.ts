export interface BackoffOptions {
  /** The most that is waited before the first retry; each further one may wait twice as long. */
  readonly baseMs: number;
  readonly maxMs: number;
}

export const defaultBackoff: BackoffOptions = { baseMs: 25, maxMs: 250 };

/**
 * Milliseconds to wait before the next attempt: anything from 0 to a bound that doubles (full jitter), so that
 * requests which failed together do not return together.
 *
 * @param retry 1 for the first one
 * @param random 0 ≤ random() < 1
 */
export function backoffMs(
  retry: number,
  { baseMs, maxMs }: BackoffOptions = defaultBackoff,
  random: () => number = Math.random,
): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(retry - 1, 30));
}

/** Beyond it the client hears of the wait, and can do something else meanwhile: 120 s and more are common. */
const MOST_ASKED_MS = 2_000;

/**
 * How long to wait before the next attempt when a backend may have asked for patience; undefined = do not try
 * again, for it would be later than the answer must be there, or than a client should be kept waiting.
 *
 * @param askedMs what `Retry-After` asks for
 * @param leftMs until the deadline; Infinity without one
 */
export function waitBeforeRetry(
  backoff: number,
  askedMs: number | undefined,
  leftMs: number,
): number | undefined {
  if (askedMs !== undefined && askedMs > MOST_ASKED_MS) return undefined;
  const wait = Math.max(backoff, askedMs ?? 0);
  return wait < leftMs ? wait : undefined;
}
