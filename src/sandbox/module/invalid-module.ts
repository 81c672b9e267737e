import { SandboxError } from "../errors.ts";

/**
 * Thrown for a WebAssembly module that a sandbox does not take: it is broken, larger than its limits allow, or uses
 * a part of WebAssembly that is refused. The message says which, and what to do.
 */
export class InvalidModule extends SandboxError {
  override readonly name = "InvalidModule";
  /** Where in the module, in bytes from its start, when one place is to blame. */
  readonly offset: number | undefined;

  constructor(reason: string, offset?: number) {
    super(
      "sandbox_invalid_module",
      offset === undefined ? reason : `${reason} (at byte ${offset})`,
    );
    this.offset = offset;
  }
}
