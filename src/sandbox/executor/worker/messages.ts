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
      readonly calls: SharedArrayBuffer;
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
  /** The name of an entry, for the calls that come after it. */
  | { readonly type: "entry"; readonly entry: number; readonly name: string }
  | SentCalls
  /** Calls were offered. */
  | typeof WAKE;

/**
 * What does not lie in shared memory of calls that are or will be offered, one behind the other: id, name of the entry,
 * input. A flat list is copied between threads in a third of the time that objects take.
 */
export type SentCalls = (Payload | string | number)[];
export const CALL_FIELDS = 3;

/** Results that do not lie in shared memory: id, output, milliseconds run, bytes of memory, and what few have. */
export type SentResults = (Payload | number | RareResult | undefined)[];
export const RESULT_FIELDS = 5;

/** What a result seldom has. */
export type RareResult = Pick<GuestOutcome, "error" | "lines" | "audit" | "killed">;

/** Wakes a thread for calls, or tells the server of results, which lie in shared memory. */
export const WAKE = 0;

/** From a guest thread. */
export type ThreadReport =
  | typeof WAKE
  | SentResults
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
