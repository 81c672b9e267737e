import type { Context } from "../../core/context.ts";
import { DerivedExchange } from "../../core/derived-exchange.ts";
import type { Handler } from "../../core/handler.ts";
import type { Result } from "../../core/handler.ts";
import { isSource } from "../../core/reply.ts";
import type { UpstreamReply, UpstreamRequest } from "../../upstream/call.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import { plainReceiver } from "../../upstream/receiver.ts";
import { sourceFrom } from "../../wire/source.ts";
import type { ForwardingPolicy } from "../forwarding.ts";
import { defaultForwarding } from "../forwarding.ts";
import { requestFor } from "../request-for.ts";
import { requestHash } from "../request-hash.ts";
import { CopiedBody } from "./copied-body.ts";
import { MirrorCounts } from "./mirror-counts.ts";

export interface MirrorOptions {
  /** Of 100 requests so many are copied. Default 100. */
  readonly percent?: number;
  /** Longer bodies are not copied, in bytes. Default 65,536. */
  readonly maxBody?: number;
  /** So many copies are under way at most; more are not made. Default 100. */
  readonly maxInFlight?: number;
  /** Milliseconds from the whole request to the end of its answer. Default 10,000. */
  readonly timeoutMs?: number;
  /** What the second upstream is told of the client. */
  readonly forwarding?: Partial<ForwardingPolicy>;
  /** `Host` for it: `preserve` (default) is the client's, `backend` the backend's own, else a text. */
  readonly host?: string;
  /** Where copies are counted. */
  readonly counts?: MirrorCounts;
}

/** Of an answer that nobody wants so much is read, so that its connection can be used again. */
const MOST_READ = 1024 * 1024;

/**
 * A handler that answers as another one does, and sends copies of requests to an upstream whose answers are thrown
 * away. A copy is sent when the request has been read by whoever answers it, so it takes nothing from the client's
 * time; when there is no room for one, or it fails, that is counted and nothing else.
 *
 * @example new App().all("/*", mirror(proxy(api), next, { percent: 10 }))
 */
export function mirror(answer: Handler, upstream: Upstream, options: MirrorOptions = {}): Handler {
  const { percent = 100, maxBody = 65_536, maxInFlight = 100, timeoutMs = 10_000 } = options;
  const { host = "preserve", counts = new MirrorCounts("mirror") } = options;
  const forwarding = { ...defaultForwarding, ...options.forwarding };
  const hashOf = requestHash(upstream);
  const send = (request: UpstreamRequest, hash: number): void =>
    void deliver(upstream, request, hash, timeoutMs, counts);
  return (c): Result | Promise<Result> => {
    const { exchange } = c;
    if (exchange.upgradeProtocol !== undefined || exchange.method === "CONNECT") return answer(c);
    if (percent < 100 && Math.random() * 100 >= percent) return answer(c);
    if (counts.inFlight >= maxInFlight) {
      counts.dropped.busy++;
      return answer(c);
    }
    if ((exchange.body?.size ?? 0) > maxBody) {
      counts.dropped.too_large++;
      return answer(c);
    }
    counts.inFlight++;
    const request = { ...requestFor(c, forwarding, host), body: null, expectContinue: false };
    const hash = hashOf?.(c) ?? 0;
    if (exchange.body === null) {
      // Behind what the answer itself sends.
      queueMicrotask(() => send(request, hash));
      return answer(c);
    }
    const body = new CopiedBody(exchange.body, maxBody, (copy) => {
      if (typeof copy === "string") {
        counts.inFlight--;
        counts.dropped[copy]++;
      } else send({ ...request, body: sourceFrom([copy], copy.byteLength) }, hash);
    });
    c.exchange = new DerivedExchange(exchange, { body });
    return answerReading(c, answer, body, timeoutMs);
  };
}

/** Answers, and gives the copy up when nobody has read the body some time after that. */
async function answerReading(
  c: Context,
  answer: Handler,
  body: CopiedBody,
  timeoutMs: number,
): Promise<Result> {
  try {
    return await answer(c);
  } finally {
    if (!body.ended) {
      const timer = setTimeout(() => body.forget(), timeoutMs);
      body.onEnd = () => clearTimeout(timer);
    }
  }
}

/** Sends a copy and reads what comes back. Never rejects. */
async function deliver(
  upstream: Upstream,
  request: UpstreamRequest,
  hash: number,
  timeoutMs: number,
  counts: MirrorCounts,
): Promise<void> {
  const delivery = upstream.send(request, plainReceiver, { hash });
  let reply: UpstreamReply | undefined;
  const timer = setTimeout(() => {
    delivery.cancel(new Error("the time of a copy is up"));
    if (reply !== undefined && isSource(reply.body)) reply.body.cancel();
  }, timeoutMs);
  try {
    reply = await delivery.outcome;
    await readAway(reply);
    const kind = Math.floor(reply.status / 100);
    counts.answered[kind] = (counts.answered[kind] ?? 0) + 1;
  } catch {
    counts.failed++;
  } finally {
    clearTimeout(timer);
    counts.inFlight--;
  }
}

async function readAway({ body }: UpstreamReply): Promise<void> {
  if (!isSource(body)) return;
  let read = 0;
  for (let chunk = await body.pull(); chunk !== null; chunk = await body.pull()) {
    read += chunk.byteLength;
    if (read > MOST_READ) return body.cancel();
  }
}
