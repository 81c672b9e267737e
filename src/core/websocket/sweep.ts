/** Something with time limits of its own. */
export interface Swept {
  sweep(elapsedMs: number): void;
}

interface Round {
  readonly members: Set<Swept>;
  timer: ReturnType<typeof setInterval>;
  last: number;
}

const rounds = new Map<number, Round>();

/**
 * Has `member` swept every so often, until {@link unsweep}: one timer for all that want the same pace, since a
 * walk over ten thousand sockets costs less than a timer each. The timers keep no process alive.
 * @param everyMs how often
 */
export function sweep(member: Swept, everyMs: number): void {
  let round = rounds.get(everyMs);
  if (round === undefined) {
    const begun: Round = {
      members: new Set(),
      timer: setInterval(() => turn(begun), everyMs),
      last: performance.now(),
    };
    (begun.timer as { unref?: () => void }).unref?.();
    rounds.set(everyMs, begun);
    round = begun;
  }
  round.members.add(member);
}

/** Ends it. Idempotent. */
export function unsweep(member: Swept, everyMs: number): void {
  const round = rounds.get(everyMs);
  if (round === undefined || !round.members.delete(member) || round.members.size > 0) return;
  clearInterval(round.timer);
  rounds.delete(everyMs);
}

/** A pace that is fine enough for limits of these lengths: a power of two, so that few timers serve all. */
export function pace(limitsMs: readonly number[]): number {
  const shortest = Math.min(...limitsMs.filter((limit) => limit > 0), 4_096);
  return Math.min(Math.max(2 ** Math.floor(Math.log2(shortest / 4)), 16), 1_024);
}

function turn(round: Round): void {
  const now = performance.now();
  const elapsed = now - round.last;
  round.last = now;
  for (const member of round.members) member.sweep(elapsed);
}
