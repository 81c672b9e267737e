import type { Backend, BackendState } from "./backend.ts";
import type { UpstreamFault } from "./fault.ts";

/** Is told of what goes wrong behind an upstream, as it happens. What it throws breaks requests: it must not. */
export interface UpstreamObserver {
  /** A request failed, or one of its attempts; without a backend when none could be asked. */
  fault?(upstream: string, backend: Backend | undefined, fault: UpstreamFault): void;
  /**
   * A backend is asked no more, or again. `up` is told once a request or a check has found it well, not when the
   * time is over for which it was left alone.
   */
  changed?(upstream: string, backend: Backend, state: BackendState): void;
}
