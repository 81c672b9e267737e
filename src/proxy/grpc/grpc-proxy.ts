import type { Context } from "../../core/context.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Reply } from "../../core/reply.ts";
import { isSource } from "../../core/reply.ts";
import type { UpstreamRequest } from "../../upstream/call.ts";
import type { DeliveryOptions } from "../../upstream/delivery.ts";
import { UpstreamFault } from "../../upstream/fault.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { Receiver } from "../../upstream/receiver.ts";
import { attach, isLookedAt } from "../delivery-note.ts";
import { badTimeout, faultFields, grpcError } from "./grpc-error.ts";
import { GrpcContent } from "./grpc-content.ts";
import { parseGrpcTimeout } from "./grpc-timeout.ts";

/** What a timer can be set to. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Whether a request is a call of gRPC, which is known by its type and only on HTTP/2 and later. */
export function isGrpc({ method, protocol, headers }: Exchange): boolean {
  if (method !== "POST" || protocol.startsWith("HTTP/1")) return false;
  return isGrpcType(headers.get("content-type"));
}

function isGrpcType(type: string | null): boolean {
  return type !== null && /^application\/grpc(?:$|[+; ])/i.test(type);
}

/**
 * Passes a call on: its messages as they come in both directions, its deadline as the limit on all of it, and
 * what goes wrong on our side as a status of gRPC.
 */
export async function grpcProxy(
  c: Context,
  upstream: Upstream,
  request: UpstreamRequest,
  options: DeliveryOptions,
  receiver: Receiver<Reply>,
): Promise<Reply> {
  const { exchange } = c;
  const timeout = exchange.headers.get("grpc-timeout");
  const timeoutMs = timeout === null ? Infinity : parseGrpcTimeout(timeout);
  if (timeoutMs === undefined) return badTimeout();
  // A client speaks when it has something to say.
  exchange.body?.mayPause?.();
  const delivery = upstream.send(
    { ...request, acceptsTrailers: true },
    { convert: (reply, backend) => withStatus(receiver.convert(reply, backend)) },
    { ...options, timed: isLookedAt(exchange) },
  );
  attach(c, upstream, delivery);
  if (timeoutMs !== Infinity) {
    const timer = setTimeout(
      () => {
        const message = `the call was not complete within ${timeoutMs} ms`;
        delivery.cancel(new UpstreamFault("total_timeout", message, "some"));
      },
      Math.min(timeoutMs, MAX_TIMER_MS),
    );
    exchange.onClose(() => clearTimeout(timer));
  }
  return delivery.outcome.catch((error: unknown) => {
    if (!(error instanceof UpstreamFault)) throw error;
    return grpcError(faultFields(error));
  });
}

function withStatus(reply: Reply): Reply {
  const { body, headers } = reply;
  if (isSource(body) && isGrpcType(headers.get("content-type"))) reply.body = new GrpcContent(body);
  return reply;
}
