import type { Payload } from "../abi/abi.ts";
import type { ErrorData } from "../error-data.ts";
import { toErrorData } from "../error-data.ts";
import type { AuditEntry } from "../host/audit-log.ts";
import type { LogLine } from "./guest-host.ts";

/** One call, as it goes to where the guest runs. */
export interface GuestCall {
  readonly entry: string;
  readonly input: Payload;
  /** The instance that is kept for a session; 0 takes any, which is put back to its beginning afterwards. */
  readonly session: number;
  readonly cpuMs: number;
  /** The whole call's limit, for the message. */
  readonly callMs: number;
  /** On the server's clock. */
  readonly deadline: number;
  readonly audited: boolean;
}

/** What became of a call. */
export interface GuestOutcome {
  /** Bytes may be lent, until the guest is called again. */
  readonly output: Payload;
  readonly error: ErrorData | undefined;
  /** How long the guest ran, in milliseconds, without waiting for its host. */
  readonly ranMs: number;
  /** Bytes of memory the instance had at the end. */
  readonly memoryBytes: number;
  readonly lines: readonly LogLine[];
  /** Of host calls that were answered where the guest ran. */
  readonly audit: readonly AuditEntry[];
  /** It was told to stop. */
  readonly killed: boolean;
}

/** The outcome of a call that did not come to run, or of whose end nothing more is known. */
export function failedOutcome(error: Error, killed = false): GuestOutcome {
  const nothing = { ranMs: 0, memoryBytes: 0, lines: [], audit: [] };
  return { output: undefined, error: toErrorData(error), ...nothing, killed };
}
