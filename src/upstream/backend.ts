import type { Call, Transport } from "./call.ts";
import type { Endpoint } from "./endpoint.ts";

/** One server behind an upstream, with what is counted of it. */
export class Backend {
  readonly endpoint: Endpoint;
  readonly weight: number;
  /** Asked only when no other can be. */
  readonly backup: boolean;
  readonly transport: Transport;
  /** Requests under way. */
  inFlight = 0;
  /** Requests that were begun, and those that ended in a fault, since the start. */
  requests = 0;
  faults = 0;

  constructor(endpoint: Endpoint, transport: Transport, weight = 1, backup = false) {
    this.endpoint = endpoint;
    this.transport = transport;
    this.weight = weight;
    this.backup = backup;
  }

  /** As it is shown in logs and metrics. */
  get name(): string {
    return this.endpoint.name;
  }

  start(call: Call): void {
    this.inFlight++;
    this.requests++;
    this.transport.start(call);
  }

  /** A call that was started has ended. */
  ended(error: unknown): void {
    this.inFlight--;
    if (error !== undefined) this.faults++;
  }
}
