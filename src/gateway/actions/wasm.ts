import type { Handler } from "../../core/handler.ts";
import type { GuestSet } from "../wasm/guests.ts";
import type { WasmAction } from "../wasm/guest-settings.ts";

/** Asks a guest. @throws TypeError for a module that cannot answer */
export function wasmAction(action: WasmAction, guests: GuestSet): Handler {
  return guests.sandbox.wasmHandler(guests.get(action), {
    call: action.call,
    type: action.content_type,
    maxBody: action.max_body,
  });
}
