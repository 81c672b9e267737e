import type { Context } from "../core/context.ts";
import type { Handler } from "../core/handler.ts";
import { repliesOnly } from "../core/handler.ts";
import { Reply } from "../core/reply.ts";
import type { Backend } from "../upstream/backend.ts";
import type { UpstreamReply } from "../upstream/call.ts";
import { UpstreamFault } from "../upstream/fault.ts";
import type { Receiver } from "../upstream/receiver.ts";
import type { HeaderList } from "../http/header-list.ts";
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
    const passed = new PassedRequest(c, rewrite);
    if (exchange.upgradeProtocol !== undefined && isWebSocket(exchange)) {
      return webSocketProxy(c, upstream, requestFor(c, forwarding, host), { hash: key }, passed);
    }
    const own = endsHere(exchange);
    if (own !== undefined) return own;
    if (isGrpc(exchange)) {
      return grpcProxy(c, upstream, requestFor(c, forwarding, host), { hash: key }, passed);
    }
    const options = { hash: key, timed: isLookedAt(exchange) };
    const delivery = upstream.send(requestFor(c, forwarding, host), passed, options);
    attach(c, upstream, delivery);
    return delivery.outcome;
  });
}

/** A request that is passed on: what comes back goes to its client. */
class PassedRequest implements Receiver<Reply> {
  readonly #context: Context;
  readonly #rewrite: ReturnType<typeof replyRewriter>;
  /** Asked at once: middleware may show another request to whoever comes behind. */
  readonly #isHead: boolean;
  readonly #inLines: boolean;

  constructor(c: Context, rewrite: ReturnType<typeof replyRewriter>) {
    this.#context = c;
    this.#rewrite = rewrite;
    this.#isHead = c.exchange.method === "HEAD";
    this.#inLines = c.exchange.protocol.startsWith("HTTP/1");
  }

  /** @throws UpstreamFault when it is a status that no answer can have here */
  convert({ status, headers, body }: UpstreamReply, backend?: Backend): Reply {
    if (status > 599) {
      throw new UpstreamFault("bad_response", `answered with the status ${status}`, "some");
    }
    const keepLength = this.#isHead || status === 304;
    const answer = new Reply(body, status, replyFields(headers, keepLength, this.#inLines));
    this.#rewrite?.(answer.headers, this.#context, backend);
    return answer;
  }

  inform(status: number, headers: HeaderList): void {
    this.#context.exchange.inform(status, replyFields(headers, false, this.#inLines));
  }

  refuse(error: unknown): unknown {
    return error instanceof UpstreamFault ? faultError(error) : error;
  }
}
