import type { Backend, BackendState } from "./backend.ts";
import type { UpstreamFault } from "./fault.ts";

/** What happens to the discovery of an upstream's backends. */
export type DiscoveryEvent =
  | {
      readonly kind: "changed";
      readonly added: readonly Backend[];
      readonly removed: readonly Backend[];
      /** Those with another weight, or another part as a backup. */
      readonly changed: readonly Backend[];
    }
  /** The source cannot be asked: the backends known stay. */
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "recovered" }
  /** Some of what it names can be no backend. */
  | { readonly kind: "skipped"; readonly reason: string };

/** Is told of what goes wrong behind an upstream, as it happens. What it throws breaks requests: it must not. */
export interface UpstreamObserver {
  /** A request failed, or one of its attempts; without a backend when none could be asked. */
  fault?(upstream: string, backend: Backend | undefined, fault: UpstreamFault): void;
  /**
   * A backend is asked no more, or again. `up` is told once a request or a check has found it well, not when the
   * time is over for which it was left alone.
   */
  changed?(upstream: string, backend: Backend, state: BackendState): void;
  /** @param source its name, such as `dns api.internal` */
  discovery?(upstream: string, source: string, event: DiscoveryEvent): void;
}
