import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { problem } from "../../../core/errors.ts";
import type { Connection } from "../../../core/exchange.ts";
import type { Reply } from "../../../core/reply.ts";
import type { EngineHost } from "../../engine.ts";
import type { Swept } from "../../sweeper.ts";
import { answer } from "../answer.ts";
import { readRequest } from "../multiplexed/request-fields.ts";
import { Http2Exchange } from "./exchange.ts";
import { sendReply } from "./send-reply.ts";
import { StreamBody } from "./stream-body.ts";

const NO_ERROR = 0;
const PROTOCOL_ERROR = 1;
const ENHANCE_YOUR_CALM = 11;
const RESET_WINDOW_MS = 30_000;

/** One HTTP/2 connection: makes exchanges of its streams and holds it to its limits. */
export class Http2Connection implements Swept {
  readonly #session: ServerHttp2Session;
  readonly #connection: Connection;
  readonly #host: EngineHost;
  readonly #exchanges = new Set<Http2Exchange>();
  #idleMs = 0;
  #resets = 0;
  #windowMs = 0;
  #requests = 0;
  #goingAway = false;

  constructor(session: ServerHttp2Session, connection: Connection, host: EngineHost) {
    this.#session = session;
    this.#connection = connection;
    this.#host = host;
    session.on("stream", (stream, headers, _flags, flat?: string[]) =>
      this.#accept(stream, headers, flat ?? []),
    );
    // Its close follows; without a listener it would end the process.
    session.on("error", () => {});
  }

  #accept(stream: ServerHttp2Stream, _headers: IncomingHttpHeaders, flat: readonly string[]): void {
    const host = this.#host;
    this.#idleMs = 0;
    this.#requests++;
    stream.on("error", () => {});
    const request = readRequest(flat, host, this.#connection.tls !== undefined);
    if ("malformed" in request) {
      this.#report("malformed_request", 0);
      this.#countReset();
      stream.close(PROTOCOL_ERROR);
      return;
    }
    if (!("method" in request)) {
      this.#report(request.code, request.status);
      sendReply(
        stream,
        undefined,
        problem(request.status, request.code, request.detail),
        host,
        this.#connection,
      );
      return;
    }
    const ended =
      stream.readableEnded || (stream as { endAfterHeaders?: boolean }).endAfterHeaders === true;
    const content = ended || request.contentLength === 0 ? null : request;
    const body =
      content && new StreamBody(stream, host, content.contentLength, content.expectContinue);
    const receivedAt = host.observer.finished === undefined ? 0 : performance.now();
    const exchange = new Http2Exchange(stream, this.#connection, request, body, receivedAt);
    this.#exchanges.add(exchange);
    stream.on("close", () => this.#closed(stream, exchange));
    const reply = answer(host, exchange);
    if (reply instanceof Promise)
      void reply.then((settled) => this.#reply(stream, exchange, settled));
    else this.#reply(stream, exchange, reply);
    const limit = host.limits.requestsPerConnection;
    if (limit > 0 && this.#requests >= limit) this.goAway();
  }

  #reply(stream: ServerHttp2Stream, exchange: Http2Exchange, reply: Reply): void {
    if (exchange.closed || exchange.answered) {
      reply.discard();
      return;
    }
    exchange.answered = true;
    exchange.status = reply.status;
    sendReply(stream, exchange, reply, this.#host, this.#connection);
  }

  #closed(stream: ServerHttp2Stream, exchange: Http2Exchange): void {
    this.#exchanges.delete(exchange);
    const code = stream.rstCode ?? NO_ERROR;
    const early = code !== NO_ERROR || !exchange.answered;
    const reason = early ? new Error(`the stream was closed with code ${code}`) : undefined;
    if (early) this.#countReset();
    exchange.end(reason);
    this.#host.observer.finished?.(exchange, exchange.outcome(reason));
  }

  /** CVE-2023-44487 and CVE-2025-8671: streams that are opened only to be broken off. */
  #countReset(): void {
    if (++this.#resets <= this.#host.limits.resets) return;
    this.#report("too_many_resets", 0);
    this.#session.goaway(ENHANCE_YOUR_CALM);
    this.#session.destroy();
  }

  #report(code: string, status: number): void {
    const { remoteAddress } = this.#connection;
    this.#host.observer.refused?.({ code, status, remoteAddress });
  }

  /** Lets open streams finish and takes no more (RFC 9113 6.8). */
  goAway(): void {
    if (this.#goingAway) return;
    this.#goingAway = true;
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  sweep(elapsedMs: number): void {
    this.#windowMs += elapsedMs;
    if (this.#windowMs > RESET_WINDOW_MS) {
      this.#windowMs = 0;
      this.#resets = 0;
    }
    if (this.#exchanges.size > 0) return;
    this.#idleMs += elapsedMs;
    if (this.#idleMs > this.#host.limits.keepAliveMs) this.goAway();
    if (this.#idleMs > this.#host.limits.keepAliveMs * 2) this.destroy();
  }
}
