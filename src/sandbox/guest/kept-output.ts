import type { Payload } from "../abi/abi.ts";

/** An output that was lent, for whoever keeps it beyond the next call of the guest. */
export function keptOutput(output: Payload): Payload {
  return output instanceof Uint8Array ? output.slice() : output;
}
