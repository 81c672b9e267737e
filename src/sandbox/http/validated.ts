import type { Context } from "../../core/context.ts";
import { error } from "../../core/error.ts";
import type { Handler } from "../../core/handler.ts";
import { InvalidInput, problemsOf } from "../../core/spec/invalid-input.ts";
import type { Schema } from "../../core/spec/standard-schema.ts";
import type { AuditReport, AuditedCall } from "../sandbox.ts";
import type { GuestCaller } from "./guest-caller.ts";
import { guestFailure } from "./guest-failure.ts";
import { checkExport } from "./wasm-handler.ts";

/** How checked input is processed. */
export interface ValidatedOptions {
  /** The export that is called with the checked input, as JSON. Default `handle`. */
  readonly call?: string;
}

/** What a guest tried to do that it is not allowed to; the host calls are in the log, not in the answer. */
export const GuestViolation = error(
  403,
  "guest_violation",
  "What processes this request tried to do what it is not allowed to, and its answer was dropped.",
);

/**
 * Checks the JSON of a request, hands what the schema made of it to a guest, and watches what the guest does: an
 * answer during which it tried what it is not allowed to is dropped, for a 403 and a line in the log.
 *
 * @param schema of any library that follows Standard Schema; a request that does not fit is a 422
 * @throws TypeError at once when the module has no such export
 * @example
 * app.post("/orders", validated(z.object({ id: z.int() }), sandbox, { call: "process_validated" }));
 */
export function validated<S extends Schema>(
  schema: S,
  sandbox: GuestCaller,
  options: ValidatedOptions = {},
): Handler {
  const { call = "handle" } = options;
  checkExport(sandbox, call);
  return async (c) => {
    const given: unknown = await c.json();
    const result = await schema["~standard"].validate(given);
    if (result.issues !== undefined) throw new InvalidInput(problemsOf("body", result.issues));
    // Another module may be there by now.
    checkExport(sandbox, call);
    let audited: AuditedCall<unknown>;
    try {
      audited = await sandbox.callWithAudit(call, result.value, { as: "json" });
    } catch (cause) {
      const { audit } = cause as { audit?: AuditReport };
      if (audit !== undefined && audit.violations.length > 0) throw refused(c, audit, cause);
      throw guestFailure(c, cause, true);
    }
    if (audited.violations.length > 0) throw refused(c, audited);
    return audited.output as object;
  };
}

function refused(c: Context, { violations }: AuditReport, cause?: unknown): Error {
  const tried = violations.map(({ name }) => name);
  const note = new Error(`a guest was denied ${[...new Set(tried)].join(", ")}`, { cause });
  c.report(Object.assign(note, { violations }));
  return new GuestViolation(undefined, { cause: note });
}
