import type { Duplex } from "../wire/duplex.ts";

/** Passes bytes on both ways, at the pace of whoever is slower, until both sides have ended or one broke. */
export function splice(one: Duplex, other: Duplex): void {
  const broken = (reason: unknown): void => {
    one.destroy(reason);
    other.destroy(reason);
  };
  pass(one, other).catch(broken);
  pass(other, one).catch(broken);
}

async function pass(from: Duplex, to: Duplex): Promise<void> {
  for (;;) {
    const next = from.pull();
    const chunk = next instanceof Promise ? await next : next;
    if (chunk === null) break;
    if (!to.write(chunk)) await to.drained();
  }
  to.end();
}
