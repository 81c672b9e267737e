import type { PlainData } from "../../abi/abi.ts";
import type { GuestCall, GuestOutcome } from "../../guest/guest-call.ts";
import type { GuestSpec } from "../../guest/guest-spec.ts";
import type { HostOperation } from "../../guest/host-link.ts";
import type { HostAnswer } from "../worker/messages.ts";

/** To a guest process, as frames. The first is `load`. */
export type ProcessOrder =
  | { readonly type: "load"; readonly bytes: Uint8Array; readonly spec: GuestSpec }
  | { readonly type: "call"; readonly call: GuestCall }
  | { readonly type: "closeSession"; readonly session: number }
  | { readonly type: "memory" }
  | { readonly type: "answer"; readonly answer: HostAnswer };

/** From a guest process. */
export type ProcessReport =
  | { readonly type: "ready" }
  | { readonly type: "result"; readonly outcome: GuestOutcome }
  | { readonly type: "ask"; readonly operation: HostOperation; readonly args: readonly PlainData[] }
  | { readonly type: "memory"; readonly bytes: number };
