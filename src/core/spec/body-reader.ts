import type { Context } from "../context.ts";
import type { Schema } from "./standard-schema.ts";

/** One way a body may come: its media types, how it is read, and what it must be. */
export interface BodyReader<_Input = unknown, Output = unknown> {
  /** Lower case, such as `application/json`; `application/*+json` and any (`*` `/` `*`) are understood. */
  readonly mediaTypes: readonly string[];
  /** Reads the body as its media type has it. At most `limit` bytes are held in memory. */
  readonly read: (c: Context, limit: number) => unknown;
  /** Checks and refines what was read. */
  // oxlint-disable-next-line no-explicit-any
  readonly schema?: Schema<any, Output> | undefined;
  readonly "~types"?: { readonly input: _Input; readonly output: Output };
}
