import type { Payload, PlainData } from "../../abi/abi.ts";
import type { ErrorData } from "../../error-data.ts";
import type { GuestOutcome } from "../../guest/guest-call.ts";
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
  | FlatCalls;

/**
 * Calls for a thread, one behind the other: ticket, id, sandbox, entry, input, session, CPU limit, limit of the call,
 * deadline, audited. A flat list is copied between threads in a third of the time that objects take.
 */
export type FlatCalls = (Payload | string | number | boolean)[];
export const CALL_FIELDS = 10;

/** Results, one behind the other: id, output, milliseconds run, bytes of memory, and what few have. */
export type FlatResults = (Payload | number | RareResult | undefined)[];
export const RESULT_FIELDS = 5;

/** What a result seldom has. */
export type RareResult = Pick<GuestOutcome, "error" | "lines" | "audit" | "killed">;

/** From a guest thread. */
export type ThreadReport =
  | FlatResults
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

/** The host's answer, as it lies in the mailbox. */
export type HostAnswer = { readonly value: PlainData } | { readonly error: ErrorData };

/**
 * Calls a thread may have at a time. Each has a ticket: a number that holds the call's id while it is on offer, and 0
 * once the thread has begun it or the server has taken it back, whoever comes first.
 */
export const TICKETS = 64;
/** Behind the tickets: how many calls were sent to the thread, so that it knows whether there are more to come. */
export const SENT = TICKETS;
