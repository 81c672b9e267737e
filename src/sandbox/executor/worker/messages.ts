import type { PlainData } from "../../abi/abi.ts";
import type { ErrorData } from "../../error-data.ts";
import type { GuestCall, GuestOutcome } from "../../guest/guest-call.ts";
import type { GuestSpec } from "../../guest/guest-spec.ts";
import type { HostOperation } from "../../guest/host-link.ts";

/** To a guest thread. */
export type ThreadOrder =
  | { readonly type: "clock" }
  | {
      readonly type: "start";
      readonly cell: WebAssembly.Memory;
      readonly control: SharedArrayBuffer;
      readonly offset: number;
      readonly mailbox: SharedArrayBuffer;
      readonly tickets: SharedArrayBuffer;
    }
  | {
      readonly type: "load";
      readonly sandbox: number;
      readonly module: WebAssembly.Module;
      readonly spec: GuestSpec;
    }
  | { readonly type: "unload"; readonly sandbox: number }
  | { readonly type: "closeSession"; readonly sandbox: number; readonly session: number }
  | { readonly type: "memory"; readonly sandbox: number; readonly id: number }
  | { readonly type: "stop" }
  | readonly ThreadCall[];

/** One call for a thread. */
export interface ThreadCall {
  readonly id: number;
  /** Which of the tickets is its own. */
  readonly ticket: number;
  readonly sandbox: number;
  readonly call: GuestCall;
}

/** From a guest thread. */
export type ThreadReport =
  | { readonly type: "results"; readonly results: readonly ThreadResult[] }
  | {
      readonly type: "ask";
      readonly sandbox: number;
      /** The call that asks. */
      readonly id: number;
      readonly operation: HostOperation;
      readonly args: readonly PlainData[];
    }
  /** The window of the mailbox is read; the rest of the answer may come. */
  | { readonly type: "more" }
  | { readonly type: "memory"; readonly id: number; readonly bytes: number };

export interface ThreadResult {
  readonly id: number;
  readonly outcome: GuestOutcome;
}

/** The host's answer, as it lies in the mailbox. */
export type HostAnswer = { readonly value: PlainData } | { readonly error: ErrorData };

/**
 * Calls a thread may have at a time. Each has a ticket: a number that holds the call's id while it is on offer, and 0
 * once the thread has begun it or the server has taken it back, whoever comes first.
 */
export const TICKETS = 64;
