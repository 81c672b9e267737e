import type { Context } from "../core/context.ts";
import type { Exchange, UpstreamNote } from "../core/exchange.ts";
import type { Delivery } from "../upstream/delivery.ts";
import type { Upstream } from "../upstream/upstream.ts";

type DeliveryFacts = Pick<Delivery<never>, "backend" | "attempts" | "ms" | "fault" | "cancel">;

/** What a delivery has come to, at the time somebody looks: an answer may still break off. */
class DeliveryNote implements UpstreamNote {
  readonly upstream: string;
  readonly #delivery: DeliveryFacts;

  constructor(upstream: string, delivery: DeliveryFacts) {
    this.upstream = upstream;
    this.#delivery = delivery;
  }

  get backend(): string {
    return this.#delivery.backend?.name ?? "";
  }

  get attempts(): number {
    return this.#delivery.attempts;
  }

  get ms(): number {
    return this.#delivery.ms;
  }

  get fault(): string | undefined {
    return this.#delivery.fault;
  }
}

/** Whether anybody wants to know how long things take: else no clock is read. */
export function isLookedAt({ receivedAt }: Exchange): boolean {
  return receivedAt !== 0;
}

/** Ends the delivery with its exchange or when its time is up, and tells logs of it where there are any. */
export function attach(c: Context, { name }: Upstream, delivery: DeliveryFacts): void {
  const { exchange } = c;
  c.onAbort(delivery);
  if (isLookedAt(exchange)) exchange.upstream = new DeliveryNote(name, delivery);
}
