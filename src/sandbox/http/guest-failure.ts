import type { Context } from "../../core/context.ts";
import { error } from "../../core/error.ts";
import { isHttpError } from "../../core/errors.ts";
import { CapabilityDenied, GuestError, SandboxError } from "../errors.ts";

/** A guest took longer than it may. */
export const GuestTimeout = error(
  504,
  "guest_timeout",
  "What answers here took too long and was stopped: try again later.",
);
/** All guests are busy. */
export const GuestsBusy = error(
  503,
  "guests_busy",
  "Too many requests are waiting here: try again later.",
);
/** A guest asked for what it was not allowed. */
export const GuestDenied = error(
  403,
  "guest_denied",
  "What answers here tried to do what it is not allowed to.",
);
/** A guest said itself that it failed. */
export const GuestRefused = error(422, "guest_error", "The request could not be processed.");
/** A guest trapped, ran out of memory, or does not keep to its ABI. */
export const GuestFailed = error(
  502,
  "guest_failed",
  "What answers here has failed: try again later.",
);

/** Every error that a guest's answer may be, for contracts. */
export const GUEST_ERRORS = [GuestTimeout, GuestsBusy, GuestDenied, GuestRefused, GuestFailed];

/**
 * What a client is told of a guest's error. What only the operator should know goes to the log.
 * @param speaks whether a {@link GuestError} is the guest's word to the client
 */
export function guestFailure(c: Context, cause: unknown, speaks = false): Error {
  if (isHttpError(cause) || !(cause instanceof SandboxError)) return cause as Error;
  if (cause.code === "sandbox_overload" || cause.bound === "queueWait") {
    return new GuestsBusy(undefined, { headers: { "Retry-After": "1" }, cause });
  }
  if (speaks && cause instanceof GuestError) return new GuestRefused(cause.message, { cause });
  c.report(cause);
  if (cause.code === "sandbox_timeout") return new GuestTimeout(undefined, { cause });
  if (cause instanceof CapabilityDenied) return new GuestDenied(undefined, { cause });
  return new GuestFailed(undefined, { cause });
}

/** Makes of a guest's answer what is sent. @throws GuestFailed for what cannot be */
export function attempt<T>(c: Context, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    c.report(cause);
    throw new GuestFailed(undefined, { cause });
  }
}
