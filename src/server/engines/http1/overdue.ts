import type { Limits } from "../../limits.ts";
import type { Http1Exchange } from "./exchange.ts";
import type { Output } from "../../../wire/http1/output.ts";
import { Phase } from "./phase.ts";

/** How long we read on after our last answer, so that the client can receive it (RFC 9112 9.6). */
const LINGER_MS = 2_000;

/** Which limit of time a connection has overrun. */
export type Overdue =
  | "keep_alive"
  | "header_timeout"
  | "body_timeout"
  | "request_timeout"
  | "slow_reader"
  | "linger";

/**
 * Looks at a connection on a sweep.
 * @param phaseMs time in the present phase
 * @param elapsedMs time since the last sweep
 */
export function findOverdue(
  phase: Phase,
  phaseMs: number,
  elapsedMs: number,
  output: Output,
  exchange: Http1Exchange | undefined,
  limits: Limits,
): Overdue | undefined {
  if (output.pending && phase !== Phase.Taken) {
    if (output.tooSlow(elapsedMs, limits)) return "slow_reader";
    if (phase === Phase.Idle || phase === Phase.Lingering) return undefined;
  }
  switch (phase) {
    case Phase.Idle:
      return phaseMs > limits.keepAliveMs ? "keep_alive" : undefined;
    case Phase.Head:
      return phaseMs > limits.headerTimeoutMs ? "header_timeout" : undefined;
    case Phase.Busy:
    case Phase.Discarding:
      return exchange && findOverdueExchange(phase, phaseMs, elapsedMs, exchange, limits);
    case Phase.Lingering:
      return phaseMs > LINGER_MS ? "linger" : undefined;
    default:
      return undefined;
  }
}

function findOverdueExchange(
  phase: Phase,
  phaseMs: number,
  elapsedMs: number,
  exchange: Http1Exchange,
  limits: Limits,
): Overdue | undefined {
  const body = exchange.body;
  // Only while the client is waited for: a handler that does not pull is not the client's fault.
  if (body !== null && !body.ended && (body.waiting || phase === Phase.Discarding)) {
    return body.tooSlow(elapsedMs) ? "body_timeout" : undefined;
  }
  const limit = limits.requestMs;
  return limit > 0 && !exchange.answered && phaseMs > limit ? "request_timeout" : undefined;
}
