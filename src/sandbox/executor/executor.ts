import type { GuestCall, GuestOutcome } from "../guest/guest-call.ts";
import type { AuditLog } from "../host/audit-log.ts";

/** Where the guests of one sandbox run. */
export type ExecutorKind = "inline" | "worker" | "process";

/** Runs the guests of one sandbox, one call after the other. */
export interface Executor {
  readonly kind: ExecutorKind;
  /** Whether bytes in an outcome hold only until the next call: who keeps them copies them. */
  readonly lends: boolean;
  /**
   * Runs one call. Never rejects for what the guest did: that is in the outcome.
   * @param audit takes the host calls that the server itself answers
   * @throws (rejects) when the executor is disposed of
   */
  run(call: GuestCall, audit: AuditLog | undefined): Promise<GuestOutcome> | GuestOutcome;
  /** Drops the instance of a session. */
  closeSession(session: number): void;
  /** Bytes of memory its instances have now. */
  memoryBytes(): Promise<number>;
  dispose(): Promise<void>;
}
