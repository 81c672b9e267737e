import type { Duplex } from "../../../wire/duplex.ts";
import { HttpError, problem } from "../../../core/errors.ts";
import type { Connection } from "../../../core/exchange.ts";
import type { Reply } from "../../../core/reply.ts";
import { wholeBody } from "../../../core/reply.ts";
import type { Source } from "../../../wire/source.ts";
import { HeaderList, TOKEN } from "../../../http/header-list.ts";
import { problems } from "../../../wire/http1/head-problem.ts";
import { dateValue } from "../../../wire/http1/reply-head.ts";
import type { EngineHost } from "../../engine.ts";
import { answer, whenAnswered } from "../answer.ts";
import { RateGuard } from "../../../wire/rate-guard.ts";
import { sendsNoContent } from "../../../wire/http1/framing.ts";
import { fieldPairs } from "../../../wire/field-pairs.ts";
import { replyPairs } from "../multiplexed/reply-fields.ts";
import type { MultiplexedRequest } from "../multiplexed/request-fields.ts";
import { readRequest } from "../multiplexed/request-fields.ts";
import { H3 } from "./codes.ts";
import type { Http3Port } from "./exchange.ts";
import { Http3Exchange } from "./exchange.ts";
import { collectFields, flattenFields } from "./fields.ts";
import type { QuicFields, QuicStream } from "./quic.ts";
import { ReplyPump, sourceOf } from "./reply-pump.ts";
import type { BodyEvents } from "./request-body.ts";
import { Http3RequestBody } from "./request-body.ts";

/** What a stream needs of its connection. */
export interface StreamOwner {
  readonly connection: Connection;
  readonly host: EngineHost;
  /** Content that waits for handlers grew or shrank. @returns whether it may stay */
  waitingBytes(change: number): boolean;
  /** Ends the whole connection. */
  destroy(code: number, reason: string): void;
  /** The stream is over; `wasted` when it ended before its answer did. */
  streamEnded(stream: RequestStream, wasted: boolean): void;
}

/** One request stream: from its head to the end of its answer. */
export class RequestStream implements Http3Port, BodyEvents {
  readonly #owner: StreamOwner;
  readonly #stream: QuicStream;
  #exchange: Http3Exchange | undefined;
  #pump: ReplyPump | undefined;
  #body: Http3RequestBody | null = null;
  #expectContinue = false;
  /** The observer was told, or there was nothing to tell. */
  #reported = true;
  #answerEnded = false;
  /** Broken off by us: only the transport has still to forget it. */
  #over = false;
  #waitedMs = 0;
  #guard: RateGuard | undefined;

  constructor(owner: StreamOwner, stream: QuicStream) {
    this.#owner = owner;
    this.#stream = stream;
    stream.onheaders = (fields) => {
      this.#head(fields).catch((error: unknown) => this.#breakOff(error, H3.INTERNAL_ERROR));
    };
    stream.ontrailers = (fields) => this.#body?.addTrailers(fields);
    // A client that was asked to stop sending resets its side; the answer goes on.
    stream.onreset = () => {
      if (this.#body?.stopped !== true) this.#broken(new Error("the client reset the stream"));
    };
    stream.closed.then(
      () => this.#gone(undefined),
      (error: unknown) => this.#gone(error),
    );
  }

  // --- the request -----------------------------------------------------------------------------

  async #head(fields: QuicFields): Promise<void> {
    const { host } = this.#owner;
    const flat = flattenFields(fields);
    const request = flat === undefined ? MALFORMED : readRequest(flat, host, true);
    // Extended CONNECT was not offered (RFC 9220 3).
    if ("malformed" in request || ("method" in request && !isServable(request))) {
      this.#refused("malformed", 0);
      this.#resetBoth(H3.MESSAGE_ERROR);
      return;
    }
    if (!("method" in request)) {
      this.#refuse(request.status, request.code, request.detail);
      return;
    }
    try {
      const body = await this.#findBody(request);
      if (!this.#stream.destroyed) this.#begin(request, body);
    } catch (error) {
      // The stream broke while its first bytes were looked at.
      this.#broken(error);
    }
  }

  /** Content is announced by a length, or by DATA: a stream that ended with its head has none. */
  async #findBody(request: MultiplexedRequest): Promise<Http3RequestBody | null> {
    const { contentLength } = request;
    const { limits } = this.#owner.host;
    if (contentLength === 0 || request.method === "CONNECT") return null;
    if (contentLength !== undefined) {
      const chunks = this.#stream[Symbol.asyncIterator]();
      return new Http3RequestBody(contentLength, limits, this, chunks);
    }
    const chunks = this.#stream[Symbol.asyncIterator]();
    const ahead = chunks.next();
    let ended = false;
    ahead.then(
      (first) => (ended = first.done === true),
      () => {},
    );
    // If the end is already here the read settles within two turns of the microtask queue.
    for (let turn = 0; turn < 3 && !ended; turn++) await undefined;
    if (ended) return null;
    return new Http3RequestBody(undefined, limits, this, chunks, ahead);
  }

  #begin(request: MultiplexedRequest, body: Http3RequestBody | null): void {
    const { host, connection } = this.#owner;
    const now = performance.now();
    const exchange = new Http3Exchange(this, connection, request, body, now);
    this.#exchange = exchange;
    this.#body = body;
    this.#expectContinue = request.expectContinue;
    this.#reported = false;
    const reply = answer(host, exchange);
    if (reply instanceof Promise) whenAnswered(host, exchange, reply, this);
    else this.reply(reply);
  }

  wanted(): void {
    if (!this.#expectContinue || this.#exchange?.answered !== false) return;
    this.#expectContinue = false;
    this.#stream.sendInformationalHeaders(collectFields([], 100));
  }

  stop(): void {
    // RFC 9114 4.1: the answer itself stands.
    if (!this.#stream.destroyed) this.#stream.stopSending(BigInt(H3.NO_ERROR));
  }

  overrun(): void {
    this.#refused("upload_not_stopped", 0);
    this.#owner.destroy(H3.EXCESSIVE_LOAD, "content was sent that nobody wanted");
  }

  waitingBytes(change: number): boolean {
    return this.#owner.waitingBytes(change);
  }

  malformed(error: Error): void {
    this.#refused("malformed", 0);
    this.#breakOff(error, H3.MESSAGE_ERROR);
  }

  // --- the answer ------------------------------------------------------------------------------

  #refuse(status: number, code: string, detail: string): void {
    this.#refused(code, status);
    const reply = problem(status, code, detail);
    const body = reply.body as Uint8Array;
    this.#stream.sendHeaders(collectFields(this.#fields(reply, "GET"), status));
    this.#stream.setBody(body);
    this.#answered();
    this.#stream.stopSending(BigInt(H3.NO_ERROR));
  }

  #refused(code: string, status: number): void {
    const { host, connection } = this.#owner;
    host.observer.refused?.({ code, status, remoteAddress: connection.remoteAddress });
  }

  #fields(reply: Reply, method: string): string[] {
    const pairs = replyPairs(reply, method, this.#owner.host, true);
    // RFC 9110 6.6.1; the other transports add it themselves.
    if (!reply.headers.has("date")) pairs.push("date", dateValue());
    return pairs;
  }

  reply(reply: Reply): void {
    const exchange = this.#exchange;
    if (exchange === undefined || exchange.closed || exchange.answered) {
      reply.discard();
      return;
    }
    const bodyless =
      sendsNoContent(reply.status) || exchange.method === "HEAD" || reply.body === null;
    const terminal = bodyless && reply.trailers === undefined;
    if (!this.#sendHead(reply, exchange, terminal)) return;
    exchange.answered = true;
    exchange.status = reply.status;
    if (bodyless) {
      reply.discard();
      if (terminal) this.#answered();
      else this.#sent(reply, undefined);
    } else this.#send(exchange, reply);
  }

  /** @returns whether the head went out; otherwise something else was done about it */
  #sendHead(reply: Reply, exchange: Http3Exchange, terminal: boolean): boolean {
    try {
      const fields = collectFields(this.#fields(reply, exchange.method), reply.status);
      if (this.#stream.sendHeaders(fields, { terminal })) return true;
      reply.discard();
      this.#breakOff(new Error("the stream is gone"), H3.INTERNAL_ERROR);
    } catch (error) {
      // A field that may come only once comes twice, for instance: nothing was sent yet.
      reply.discard(error);
      this.#owner.host.observer.failed?.(error, exchange);
      if (reply.status === 500) this.#breakOff(error, H3.INTERNAL_ERROR);
      else this.reply(problem(500, "internal", "The answer could not be sent over HTTP/3."));
    }
    return false;
  }

  #send(exchange: Http3Exchange, reply: Reply): void {
    const body = wholeBody(reply);
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    const small = bytes instanceof Uint8Array && bytes.byteLength <= WHOLE_BYTES;
    if (small && reply.trailers === undefined) {
      // In one piece, its end included: the transport needs no writer for it.
      this.#stream.setBody(bytes);
      exchange.bytesSent = bytes.byteLength;
      this.#answered();
      return;
    }
    const source = bytes instanceof Uint8Array ? sourceOf(bytes) : (bytes as Source);
    const pump = new ReplyPump(this.#stream.writer, source, (error) => {
      exchange.bytesSent = pump.sent;
      this.#sent(reply, error, source.trailers);
    });
    this.#pump = pump;
    void pump.run();
  }

  /** The body was handed over, or failed. */
  #sent(reply: Reply, error: unknown, trailers?: HeaderList): void {
    try {
      if (error !== undefined) throw error;
      const last = typeof reply.trailers === "function" ? reply.trailers() : reply.trailers;
      const pairs = fieldPairs(last ?? trailers ?? NO_FIELDS);
      // Asked for behind the last byte: sent any earlier they overtake it. An empty section breaks clients.
      if (pairs.length > 0) {
        const fields = collectFields(pairs, 0);
        this.#stream.onwanttrailers = () => this.#stream.sendTrailers(fields);
      }
      this.#stream.writer.endSync();
      this.#answered();
    } catch (reason) {
      // The client must see that the answer is cut: no FIN.
      this.#breakOff(reason, H3.INTERNAL_ERROR);
    }
  }

  #answered(): void {
    this.#answerEnded = true;
    this.#report(undefined);
    if (this.#body?.ended === false) this.#body.cancel();
  }

  // --- the end ---------------------------------------------------------------------------------

  inform(status: number, headers: HeaderList): void {
    this.#stream.sendInformationalHeaders(collectFields(fieldPairs(headers), status));
  }

  takeover(): Duplex {
    throw new HttpError(
      501,
      "takeover_unsupported",
      "HTTP/3 connections cannot be taken over here.",
    );
  }

  reset(reason: unknown): void {
    this.#breakOff(reason ?? new Error("the exchange was reset"), H3.INTERNAL_ERROR);
  }

  /** The connection is going away. */
  destroy(reason: unknown): void {
    this.#broken(reason);
  }

  #breakOff(reason: unknown, code: number): void {
    this.#resetBoth(code);
    this.#broken(reason);
  }

  #resetBoth(code: number): void {
    this.#over = true;
    if (this.#stream.destroyed) return;
    this.#stream.stopSending(BigInt(code));
    this.#stream.resetStream(BigInt(code));
  }

  #broken(reason: unknown): void {
    this.#pump?.abort(reason);
    this.#exchange?.end(reason, this.#owner.host.observer);
    this.#body?.fail(reason);
    this.#report(reason);
  }

  #report(error: unknown): void {
    const exchange = this.#exchange;
    if (this.#reported || exchange === undefined) return;
    this.#reported = true;
    if (this.#pump !== undefined) exchange.bytesSent = this.#pump.sent;
    this.#owner.host.observer.finished?.(exchange, exchange.outcome(error));
  }

  #gone(error: unknown): void {
    if (!this.#reported || error !== undefined) {
      this.#broken(error ?? new Error("the client closed the stream"));
    }
    this.#owner.streamEnded(this, !this.#answerEnded);
  }

  // --- time ------------------------------------------------------------------------------------

  sweep(elapsedMs: number): void {
    const exchange = this.#exchange;
    if (exchange === undefined || this.#over) return;
    if (this.#answerEnded || this.#pump?.blocked === true) {
      this.#sweepWrite(elapsedMs);
      return;
    }
    const body = this.#body;
    if (body?.waiting === true && body.tooSlow(elapsedMs)) {
      const { status, code, detail } = problems.body_timeout;
      this.#refused(code, status);
      // The handler's pull fails with a 408, which its App answers.
      body.fail(new HttpError(status, code, detail));
      return;
    }
    if (exchange.answered || body?.waiting === true) return;
    this.#waitedMs += elapsedMs;
    const limit = this.#owner.host.limits.requestMs;
    if (limit > 0 && this.#waitedMs > limit) {
      this.#refused("request_timeout", 503);
      this.reply(problem(503, "request_timeout", "The answer took too long; try again later."));
    }
  }

  /** The client takes the answer too slowly; what was handed over last counts too. */
  #sweepWrite(elapsedMs: number): void {
    this.#guard ??= new RateGuard();
    const taken = Number(this.#stream.stats.bytesSent);
    if (!this.#guard.tooSlow(taken, elapsedMs, this.#owner.host.limits)) return;
    this.#refused("slow_reader", 0);
    this.#breakOff(new Error("the client reads too slowly"), H3.REQUEST_CANCELLED);
  }
}

const encoder = new TextEncoder();
/** A body in memory up to this size is handed over in one piece. */
const WHOLE_BYTES = 64 * 1024;
const NO_FIELDS = new HeaderList().freeze();
const MALFORMED = { malformed: "a field name or value" };

function isServable(request: MultiplexedRequest): boolean {
  return request.protocol === undefined && TOKEN.test(request.method);
}
