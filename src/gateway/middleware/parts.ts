import type { ClientOf } from "../matchers/conditions.ts";
import type { UpstreamSet } from "../upstreams.ts";
import type { GuestSet } from "../wasm/guests.ts";
import type { Store } from "../../store/store.ts";

/** What middleware of the configuration may use. */
export interface MiddlewareParts {
  /** Of all processes; without it each counts for itself. */
  readonly store: Store | undefined;
  readonly upstreams: UpstreamSet;
  readonly clientOf: ClientOf;
  readonly guests: GuestSet;
  /** Letters, digits and `_.*-`, at most 64; one for each route. */
  readonly routeId: string;
}
