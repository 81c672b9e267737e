import type { FaultCode } from "./fault.ts";

/** How often what went wrong, by its code. */
export class FaultCounts {
  readonly #byCode = new Map<FaultCode, number>();

  add(code: FaultCode): void {
    this.#byCode.set(code, (this.#byCode.get(code) ?? 0) + 1);
  }

  [Symbol.iterator](): Iterator<[FaultCode, number]> {
    return this.#byCode.entries();
  }
}
