import { isIP } from "node:net";

/** RFC 8305 8: how long an address has before the next one is tried beside it. */
const ATTEMPT_DELAY_MS = 250;

/** RFC 8305 4: the families in turn, the first one first. */
export function interleaved(addresses: readonly string[]): string[] {
  const first = isIP(addresses[0] ?? "");
  const one = addresses.filter((address) => isIP(address) === first);
  const other = addresses.filter((address) => isIP(address) !== first);
  const order: string[] = [];
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    if (i < one.length) order.push(one[i] as string);
    if (i < other.length) order.push(other[i] as string);
  }
  return order;
}

/**
 * Connects to addresses in turn, the next one beside the last when that is slow or as soon as it fails. The first
 * that answers is taken, the others are given up (happy eyeballs, RFC 8305).
 *
 * @param addresses at least one
 * @param connect opens one connection; it is told by the signal when another one has won
 * @param signal gives all of them up
 * @param discard is given what answers too late: one that had answered already when it was told of another
 * @param delayMs how long an address has before the next one is tried beside it
 * @throws (rejects with) what the last of them failed with, or the reason of the signal
 */
export function firstToConnect<T>(
  addresses: readonly string[],
  connect: (host: string, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  discard: (connected: T) => void,
  delayMs: number = ATTEMPT_DELAY_MS,
): Promise<T> {
  const order = interleaved(addresses);
  // It may have been given up while the name was asked for.
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const attempts: AbortController[] = [];
    let settled = false;
    let left = order.length;
    let next = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = (winner?: AbortController): void => {
      settled = true;
      clearTimeout(timer);
      next = order.length;
      for (const attempt of attempts)
        if (attempt !== winner) attempt.abort(new Error("another address answered"));
    };
    const begin = (): void => {
      clearTimeout(timer);
      const host = order[next++];
      if (host === undefined) return;
      const attempt = new AbortController();
      attempts.push(attempt);
      timer = setTimeout(begin, delayMs);
      connect(host, attempt.signal).then(
        (connected) => {
          if (settled) {
            discard(connected);
            return;
          }
          stop(attempt);
          resolve(connected);
        },
        (error: unknown) => {
          if (--left === 0) {
            stop();
            reject(error as Error);
          } else {
            begin();
          }
        },
      );
    };
    signal.addEventListener(
      "abort",
      () => {
        stop();
        reject(signal.reason as Error);
      },
      { once: true },
    );
    begin();
  });
}
