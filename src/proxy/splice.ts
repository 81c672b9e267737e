import type { Duplex } from "../wire/duplex.ts";

/**
 * Passes bytes on both ways, at the pace of whoever is slower, until both sides have ended, one broke, or nothing was
 * sent for `idleMs`; 0 = no limit. A peer that is gone without a word is not seen otherwise.
 */
export function splice(one: Duplex, other: Duplex, idleMs: number): void {
  let movedAt = performance.now();
  let open = 2;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const broken = (reason: unknown): void => {
    clearTimeout(timer);
    one.destroy(reason);
    other.destroy(reason);
  };
  const moved = (): void => {
    movedAt = performance.now();
  };
  const ended = (): void => {
    if (--open === 0) clearTimeout(timer);
  };
  const watch = (): void => {
    const left = movedAt + idleMs - performance.now();
    if (left <= 0) broken(new Error(`nothing was sent for ${idleMs} ms`));
    else {
      timer = setTimeout(watch, left);
      timer.unref();
    }
  };
  if (idleMs > 0) watch();
  pass(one, other, moved).then(ended, broken);
  pass(other, one, moved).then(ended, broken);
}

async function pass(from: Duplex, to: Duplex, moved: () => void): Promise<void> {
  for (;;) {
    const next = from.pull();
    const chunk = next instanceof Promise ? await next : next;
    if (chunk === null) break;
    moved();
    if (!to.write(chunk)) await to.drained();
  }
  to.end();
}
