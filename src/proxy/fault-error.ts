import { HttpError, isHttpError } from "../core/errors.ts";
import { HeaderList } from "../http/header-list.ts";
import type { FaultCode, UpstreamFault } from "../upstream/fault.ts";

/** What clients are told: what happened, and nothing about where. */
const DETAILS: Readonly<Partial<Record<FaultCode, string>>> = {
  connect_timeout: "The server behind this address could not be reached in time.",
  first_byte_timeout: "The server behind this address did not answer in time.",
  idle_timeout: "The server behind this address stopped answering.",
  total_timeout: "The server behind this address took too long.",
  bad_response: "The server behind this address gave an answer that is not valid.",
  bad_upgrade: "The server behind this address did not change the protocol as it was asked to.",
  no_backend: "No server behind this address can be asked now.",
  overloaded: "The servers behind this address have too much to do.",
};

/** The error that a fault is to the client (RFC 9110 15.6.3–15.6.5); the cause is for the log. */
export function faultError(fault: UpstreamFault): HttpError {
  // What gave the request up was its own content: the client sent it wrong, too slowly, or not in full.
  if (fault.code === "cancelled" && isHttpError(fault.cause)) return fault.cause;
  const detail = DETAILS[fault.code] ?? "The server behind this address cannot be reached.";
  const headers = fault.status === 503 ? new HeaderList(["Retry-After", "1"]) : undefined;
  return new HttpError(fault.status, fault.code, detail, headers);
}
