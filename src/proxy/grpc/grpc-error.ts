import { Reply } from "../../core/reply.ts";
import { HeaderList } from "../../http/header-list.ts";
import type { UpstreamFault } from "../../upstream/fault.ts";
import { faultError } from "../fault-error.ts";

/** Codes of gRPC that a gateway answers with by itself. */
export const GrpcStatus = {
  cancelled: 1,
  deadlineExceeded: 4,
  internal: 13,
  unavailable: 14,
} as const;

/** What a fault is in gRPC: `[name, value, …]`, for a head or for trailers. */
export function faultFields(fault: UpstreamFault): string[] {
  const { code } = fault;
  return statusFields(statusOf(fault), `${faultError(fault).message} (${code})`);
}

function statusOf({ code }: UpstreamFault): number {
  if (code === "cancelled") return GrpcStatus.cancelled;
  // The only limit on a whole call is its deadline; 502, 503 and 504 are UNAVAILABLE to clients of gRPC.
  return code === "total_timeout" ? GrpcStatus.deadlineExceeded : GrpcStatus.unavailable;
}

/** @param message visible ASCII without "%" */
function statusFields(status: number, message: string): string[] {
  return ["grpc-status", String(status), "grpc-message", message];
}

/** A call that failed before its answer: trailers only, which in gRPC is a head with a status. */
export function grpcError(fields: readonly string[]): Reply {
  return new Reply(null, 200, new HeaderList(["content-type", "application/grpc", ...fields]));
}

/** The answer to a deadline that cannot be read. */
export function badTimeout(): Reply {
  const message = "grpc-timeout must be at most eight digits and one of H, M, S, m, u, n.";
  return grpcError(statusFields(GrpcStatus.internal, message));
}
