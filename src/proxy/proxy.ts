import type { Handler } from "../core/handler.ts";
import { repliesOnly } from "../core/handler.ts";
import { Reply } from "../core/reply.ts";
import type { Backend } from "../upstream/backend.ts";
import type { UpstreamReply } from "../upstream/call.ts";
import { UpstreamFault } from "../upstream/fault.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { attach, isLookedAt } from "./delivery-note.ts";
import { endsHere } from "./end-here.ts";
import { faultError } from "./fault-error.ts";
import { grpcProxy, isGrpc } from "./grpc/grpc-proxy.ts";
import type { ForwardingPolicy } from "./forwarding.ts";
import { defaultForwarding } from "./forwarding.ts";
import type { ReplyRewriting } from "./reply-rewriting.ts";
import { replyRewriter } from "./reply-rewriting.ts";
import { replyFields } from "./reply-fields.ts";
import { requestFor } from "./request-for.ts";
import { requestHash } from "./request-hash.ts";
import { isWebSocket, webSocketProxy } from "./websocket.ts";

export interface ProxyOptions extends ReplyRewriting {
  /** What backends are told of the client. */
  readonly forwarding?: Partial<ForwardingPolicy>;
  /** `Host` for the backend: `preserve` (default) is the client's, `backend` the backend's own, else a text. */
  readonly host?: string;
}

/**
 * A handler that asks an upstream, streaming both ways.
 * @throws at start on what is no upstream, and rules that cannot be: TypeError, SyntaxError, TemplateError
 * @example new App().add({ path: "/api/*", handler: proxy(new Upstream({ name: "api", backends: ["127.0.0.1:8080"] })) })
 */
export function proxy(upstream: Upstream, options: ProxyOptions = {}): Handler {
  if (typeof upstream !== "object") {
    const made = `new Upstream({ name: "app", backends: [${JSON.stringify(upstream)}] })`;
    throw new TypeError(`proxy takes an Upstream: ${made}`);
  }
  const forwarding = { ...defaultForwarding, ...options.forwarding };
  const { host = "preserve" } = options;
  const sentHost = host === "preserve" || host === "backend" ? undefined : host.toLowerCase();
  const rewrite = replyRewriter(options, sentHost);
  const hash = requestHash(upstream);
  return repliesOnly((c) => {
    const { exchange } = c;
    const key = hash === undefined ? 0 : hash(c);
    const isHead = exchange.method === "HEAD";
    const inLines = exchange.protocol.startsWith("HTTP/1");
    const convert = (reply: UpstreamReply, backend: Backend | undefined): Reply => {
      const answer = replyOf(reply, isHead, inLines);
      rewrite?.(answer.headers, c, backend);
      return answer;
    };
    if (exchange.upgradeProtocol !== undefined && isWebSocket(exchange)) {
      return webSocketProxy(c, upstream, requestFor(c, forwarding, host), { hash: key }, convert);
    }
    const own = endsHere(exchange);
    if (own !== undefined) return own;
    if (isGrpc(exchange)) {
      return grpcProxy(c, upstream, requestFor(c, forwarding, host), { hash: key }, convert);
    }
    const delivery = upstream.send(requestFor(c, forwarding, host), convert, {
      hash: key,
      timed: isLookedAt(exchange),
      onInform: (status, headers) => exchange.inform(status, replyFields(headers, false, inLines)),
      refuse,
    });
    attach(c, upstream, delivery);
    return delivery.outcome;
  });
}

/** @throws UpstreamFault when it is a status that no answer can have here */
function replyOf(
  { status, headers, body }: UpstreamReply,
  isHead: boolean,
  inLines: boolean,
): Reply {
  if (status > 599) {
    throw new UpstreamFault("bad_response", `answered with the status ${status}`, "some");
  }
  return new Reply(body, status, replyFields(headers, isHead || status === 304, inLines));
}

function refuse(error: unknown): unknown {
  return error instanceof UpstreamFault ? faultError(error) : error;
}
