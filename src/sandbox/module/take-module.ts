import type { Instrumented } from "./instrument.ts";
import { instrument } from "./instrument.ts";
import { InvalidModule } from "./invalid-module.ts";
import type { ModuleLimits } from "./limits.ts";

/**
 * Instruments a module that the engine, too, takes as it was. Reading it comes first, as that says more of what is
 * wrong and holds it to the limits; it makes nothing that runs.
 *
 * @throws InvalidModule with a reason in words
 */
export function takeModule(bytes: Uint8Array<ArrayBuffer>, limits: ModuleLimits): Instrumented {
  const instrumented = instrument(bytes, limits);
  if (WebAssembly.validate(bytes)) return instrumented;
  let reason = "the engine refuses it";
  try {
    void new WebAssembly.Module(bytes);
  } catch (error) {
    reason = (error as Error).message;
  }
  throw new InvalidModule(`is not valid WebAssembly: ${reason}`);
}
