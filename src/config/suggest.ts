/** The one of `candidates` that was most likely meant, or undefined when none is close. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(word);
  // Between numbers nothing is "close".
  if (!/[a-z]/.test(wanted)) return undefined;
  let best: string | undefined;
  // A third of the letters may be wrong, at least one and at most three.
  let limit = Math.min(3, Math.max(1, Math.floor(word.length / 3))) + 1;
  for (const candidate of candidates) {
    // "warning" for "warn", "cert" for "certificate": a word that goes on, or stops early.
    const other = plain(candidate);
    const shorter = Math.min(wanted.length, other.length);
    if (limit > 1 && shorter >= 3 && wanted.slice(0, shorter) === other.slice(0, shorter)) {
      limit = 1;
      best = candidate;
    }
    const distance = editDistance(wanted, other, limit);
    if (distance < limit) {
      limit = distance;
      best = candidate;
    }
  }
  return best;
}

/** Case, `-` and `_` make no difference to what was meant. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, "");
}

/** Edits (insert, delete, replace, swap of neighbours) between two words; `limit` when at least that many. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length] as number, limit);
}
