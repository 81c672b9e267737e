import type { Duplex } from "../../../core/duplex.ts";
import { HttpError, problem } from "../../../core/errors.ts";
import type { Connection } from "../../../core/exchange.ts";
import { Reply } from "../../../core/reply.ts";
import type { HeaderList } from "../../../http/header-list.ts";
import type { Socket, SocketHandler } from "../../../runtime/socket.ts";
import type { HeadProblem } from "../../../wire/http1/head-problem.ts";
import { problems } from "../../../wire/http1/head-problem.ts";
import type { RequestHead } from "../../../wire/http1/request-head.ts";
import { isProblem, parseRequestHead } from "../../../wire/http1/request-head.ts";
import { readTarget } from "../../../wire/http1/request-target.ts";
import type { EngineHost } from "../../engine.ts";
import type { Http1Port } from "./exchange.ts";
import { Http1Exchange } from "./exchange.ts";
import { Input } from "./input.ts";
import { Output } from "./output.ts";
import { matchPreface } from "./preface.ts";
import type { Refused } from "./refusal.ts";
import { misdirected, writeRefusal } from "./refusal.ts";
import type { Sent } from "./reply-sender.ts";
import { ReplySender } from "./reply-sender.ts";
import type { BodyReader } from "./request-body.ts";
import { DISCARD_BYTES, RequestBody } from "./request-body.ts";
import { Tunnel } from "./tunnel.ts";

/** What may wait unread behind the request being answered before the socket is paused. */
const MAX_AHEAD = 64 * 1024;
/** How long, and for how much, we read on after our last answer so that the client can receive it (RFC 9112 9.6). */
const LINGER_MS = 2_000;
const LINGER_BYTES = 1024 * 1024;

const enum Phase {
  /** Between requests. */
  Idle,
  /** A head has begun and is not complete. */
  Head,
  /** A request is being answered. */
  Busy,
  /** Answered; its unread content is passing by. */
  Discarding,
  /** Our side has ended. */
  Lingering,
  Taken,
  Closed,
}

/** Takes a plain connection over that opens with the HTTP/2 preface (RFC 9113 3.3). */
export type PrefaceHandler = (socket: Socket, first: Uint8Array, connection: Connection) => void;

/**
 * One HTTP/1.x connection: reads heads, hands exchanges to the App one at a time and in order, writes
 * their replies. Requests that are pipelined wait in the input, which is bounded; answers that are ready
 * at once leave together.
 */
export class Http1Connection implements SocketHandler, Http1Port, BodyReader {
  readonly connection: Connection;
  readonly #socket: Socket;
  readonly #host: EngineHost;
  readonly #onPreface: PrefaceHandler | undefined;
  readonly #onGone: () => void;

  #phase: Phase = Phase.Idle;
  readonly #input = new Input();
  #exchange: Http1Exchange | undefined;
  readonly #sender: ReplySender;
  #tunnel: Tunnel | undefined;
  readonly #output: Output;
  #closeAfter = false;
  #advancing = false;
  #paused = false;
  #peerEnded = false;
  #requests = 0;
  #lingered = 0;
  /** Milliseconds in the present phase, counted by {@link sweep}. */
  #phaseMs = 0;
  #yielding = false;
  #sending = false;

  constructor(
    socket: Socket,
    connection: Connection,
    host: EngineHost,
    onPreface: PrefaceHandler | undefined,
    onGone: () => void,
  ) {
    this.#socket = socket;
    this.connection = connection;
    this.#host = host;
    this.#onGone = onGone;
    this.#onPreface = onPreface;
    this.#output = new Output(socket);
    this.#sender = new ReplySender(this.#output, host, this.#sent);
    socket.handler = this;
  }

  get idle(): boolean {
    return this.#phase === Phase.Idle && this.#input.length === 0;
  }

  // --- what the socket tells -------------------------------------------------------------------

  data(chunk: Uint8Array): void {
    switch (this.#phase) {
      case Phase.Taken:
        this.#tunnel?.data(chunk);
        return;
      case Phase.Lingering:
        this.#lingered += chunk.byteLength;
        if (this.#lingered > LINGER_BYTES) this.#socket.destroy();
        return;
      case Phase.Closed:
        return;
      case Phase.Busy:
      case Phase.Discarding:
        this.#input.append(chunk);
        this.#feedBody();
        if (this.#input.length > MAX_AHEAD) this.#pause();
        return;
      default:
        this.#input.append(chunk);
        this.#advance();
    }
  }

  end(): void {
    this.#peerEnded = true;
    switch (this.#phase) {
      case Phase.Taken:
        this.#tunnel?.peerEnded();
        return;
      case Phase.Busy: {
        const body = this.#exchange?.body;
        if (!body || body.ended) return;
        const detail = "The client ended its side before its content was complete.";
        body.fail(new HttpError(400, "body_incomplete", detail));
        return;
      }
      default:
        // Nothing is owed but what is still on its way out: what has arrived is not a request.
        this.#linger();
    }
  }

  drain(): void {
    if (this.#phase === Phase.Taken) {
      this.#tunnel?.drain();
      return;
    }
    this.#output.drained();
    if (!this.#sender.drain()) this.#advance();
  }

  close(error?: Error): void {
    const taken = this.#phase === Phase.Taken;
    this.#phase = Phase.Closed;
    const reason = error ?? new Error("the client closed the connection");
    this.#sender.abort(reason);
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (taken) this.#tunnel?.close(error);
    if (exchange !== undefined) this.#endExchange(exchange, taken ? undefined : reason);
    this.#input.clear();
    this.#onGone();
  }

  // --- reading ---------------------------------------------------------------------------------

  wanted(): void {
    const exchange = this.#exchange;
    if (exchange !== undefined && exchange.head.expectContinue) {
      exchange.head.expectContinue = false;
      if (!exchange.answered && exchange.body?.received === 0)
        this.#output.write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    this.#resume();
  }

  enough(): void {
    this.#pause();
  }

  /** Takes requests from the input until one has to wait. */
  #advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    let answered = 0;
    while (this.#phase <= Phase.Head && this.#input.bytes !== undefined && !this.#output.blocked) {
      if (answered++ >= this.#host.limits.pipelineDepth) {
        this.#yieldTurn();
        break;
      }
      if (!this.#readHead(this.#input.bytes)) break;
    }
    this.#advancing = false;
    this.#output.flush();
    if (this.#phase === Phase.Idle && this.#peerEnded && !this.#output.blocked) this.#linger();
  }

  /** Lets other connections have their turn when one has pipelined a great many requests. */
  #yieldTurn(): void {
    if (this.#yielding) return;
    this.#yielding = true;
    setTimeout(() => {
      this.#yielding = false;
      this.#advance();
    }, 0);
  }

  /** @returns whether a request was taken from the input */
  #readHead(bytes: Uint8Array): boolean {
    const input = this.#input;
    const limits = this.#host.limits;
    if (!input.worthParsing(limits.headerBytes)) return false;
    if (this.#requests === 0 && this.#onPreface !== undefined) {
      const preface = matchPreface(bytes, input.at);
      if (preface === "partial") return this.#awaitHead();
      if (preface === "whole") return this.#handOver(this.#onPreface);
    }
    const result = parseRequestHead(bytes, input.at, limits);
    if (result === undefined) return this.#awaitHead();
    if (isProblem(result)) {
      this.#refuse(result);
      return false;
    }
    input.use(result.end);
    this.#requests++;
    this.#begin(result);
    return true;
  }

  #awaitHead(): false {
    if (this.#phase === Phase.Idle) this.#enter(Phase.Head);
    this.#input.headIncomplete();
    return false;
  }

  #handOver(onPreface: PrefaceHandler): false {
    this.#phase = Phase.Closed;
    onPreface(this.#socket, this.#input.take() as Uint8Array, this.connection);
    return false;
  }

  #feedBody(): void {
    const body = this.#exchange?.body;
    const bytes = this.#input.bytes;
    if (!body || body.ended || bytes === undefined) return;
    const next = body.feed(bytes, this.#input.at);
    if (typeof next !== "number") {
      this.#breakBody(next);
      return;
    }
    this.#input.use(next);
    if (this.#phase !== Phase.Discarding) return;
    if (body.ended) this.#next();
    else if (body.received > DISCARD_BYTES) this.#linger();
  }

  /** The content is malformed or too large: no byte behind it can be trusted. */
  #breakBody(found: HeadProblem): void {
    this.#input.clear();
    this.#closeAfter = true;
    this.#report(found);
    if (this.#phase === Phase.Discarding) this.#linger();
  }

  // --- answering -------------------------------------------------------------------------------

  #begin(head: RequestHead): void {
    const host = this.#host;
    const scheme = this.connection.tls === undefined ? "http" : "https";
    const target = readTarget(head.method, head.target, head.host, scheme, host.paths);
    if ("status" in target) {
      this.#refuse(target);
      return;
    }
    const body = head.length === 0 ? null : new RequestBody(head.length, host.limits, this);
    const receivedAt = host.observer.finished === undefined ? 0 : performance.now();
    const exchange = new Http1Exchange(this, head, target, body, receivedAt);
    this.#exchange = exchange;
    this.#enter(Phase.Busy);
    this.#closeAfter = !head.keepAlive;
    if (body !== null) this.#feedBody();
    if (!host.covers(this.connection, target.authority)) {
      this.#reply(exchange, misdirected(target.authority));
      return;
    }
    try {
      const reply = host.app.handle(exchange);
      if (reply instanceof Promise) {
        reply.then(
          (settled) => this.#reply(exchange, settled),
          (error) => this.#fail(exchange, error),
        );
      } else {
        this.#reply(exchange, reply);
      }
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  #fail(exchange: Http1Exchange, error: unknown): void {
    this.#host.observer.failed?.(error, exchange);
    this.#reply(
      exchange,
      problem(500, "internal", "The server met an error answering this request."),
    );
  }

  #reply(exchange: Http1Exchange, reply: Reply): void {
    if (exchange !== this.#exchange || exchange.closed || exchange.answered) {
      reply.discard();
      return;
    }
    if (reply === Reply.TAKEN) {
      this.#fail(
        exchange,
        new Error("a handler answered Reply.TAKEN without taking the connection over"),
      );
      return;
    }
    this.#enter(Phase.Busy);
    this.#sending = true;
    this.#closeAfter = this.#sender.send(exchange, reply, this.#mustClose(exchange));
    this.#sending = false;
    if (exchange.sent && this.#exchange === exchange) this.#finish(exchange);
  }

  /** RFC 9112 9.3 and 9.6: whether this answer is the connection's last. */
  #mustClose(exchange: Http1Exchange): boolean {
    const limit = this.#host.limits.requestsPerConnection;
    if (this.#closeAfter || this.#host.draining || (limit > 0 && this.#requests >= limit))
      return true;
    const body = exchange.body;
    if (body === null || body.ended) return false;
    // Content nobody asked for: either the client still waits for 100, or reading it costs more than a new connection.
    return (
      exchange.head.expectContinue ||
      body.broken ||
      (!body.pulled && body.left > DISCARD_BYTES && body.size !== undefined)
    );
  }

  /** A streamed body has ended, or broke. */
  readonly #sent: Sent = (exchange, error) => {
    if (exchange !== this.#exchange) return;
    if (error === undefined) {
      // A body that ended within send() is finished by it.
      if (this.#phase === Phase.Busy && !this.#sending) this.#finish(exchange);
      return;
    }
    // The client must see that the body is cut: no last chunk, not the full length.
    this.#exchange = undefined;
    this.#endExchange(exchange, error);
    this.#socket.destroy();
  };

  #finish(exchange: Http1Exchange): void {
    this.#host.observer.finished?.(exchange, exchange.outcome(undefined));
    const body = exchange.body;
    if (body !== null && !body.ended) {
      if (this.#closeAfter || exchange.head.expectContinue) {
        this.#linger();
        return;
      }
      this.#enter(Phase.Discarding);
      body.discard();
      return;
    }
    this.#next();
  }

  /** The request is over; the connection goes on or ends. */
  #next(): void {
    this.#exchange = undefined;
    if (this.#closeAfter) {
      this.#linger();
      return;
    }
    this.#enter(Phase.Idle);
    this.#resume();
    if (!this.#advancing && (this.#input.length > 0 || this.#peerEnded)) this.#advance();
    else if (!this.#advancing) this.#output.flush();
  }

  /** Ends our side and reads on for a moment, so that a reset does not destroy the answer on its way. */
  #linger(): void {
    this.#exchange = undefined;
    this.#input.clear();
    this.#output.flush();
    this.#socket.endWrite();
    this.#enter(Phase.Lingering);
    if (this.#peerEnded && this.#socket.pendingBytes === 0) this.#socket.destroy();
    else this.#resume();
  }

  #refuse(found: Refused): void {
    this.#report(found);
    writeRefusal(this.#output, found);
    this.#linger();
  }

  #report(found: { code: string; status: number }): void {
    const remoteAddress = this.connection.remoteAddress;
    this.#host.observer.refused?.({ code: found.code, status: found.status, remoteAddress });
  }

  #endExchange(exchange: Http1Exchange, error: unknown): void {
    if (exchange.closed) return;
    exchange.end(error);
    this.#host.observer.finished?.(exchange, exchange.outcome(error));
  }

  // --- beyond a reply --------------------------------------------------------------------------

  inform(exchange: Http1Exchange, status: number, headers: HeaderList): void {
    // RFC 9110 15.2: never to an HTTP/1.0 client.
    if (exchange !== this.#exchange || exchange.answered || exchange.head.minor === 0) return;
    this.#sender.inform(status, headers);
  }

  takeover(exchange: Http1Exchange, status: number, headers: HeaderList): Duplex {
    if (exchange !== this.#exchange || exchange.answered) {
      throw new Error("this request was answered already: it cannot be taken over");
    }
    if (exchange.body !== null && !exchange.body.ended) {
      const detail = "A request that changes the protocol must have no content left to read.";
      throw new HttpError(400, "takeover_with_content", detail);
    }
    this.#sender.switchProtocols(exchange, status, headers);
    this.#enter(Phase.Taken);
    this.#tunnel = new Tunnel(this.#socket, this.#input.take());
    return this.#tunnel;
  }

  reset(exchange: Http1Exchange, reason: unknown): void {
    if (exchange !== this.#exchange) return;
    this.#sender.abort(reason);
    this.#exchange = undefined;
    this.#endExchange(exchange, reason ?? new Error("the exchange was reset"));
    this.#socket.destroy();
  }

  /** Closes the connection if it is between requests; otherwise the answer under way says `close`. */
  drainIdle(): void {
    if (this.idle) this.#linger();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  // --- time ------------------------------------------------------------------------------------

  /** Called every so often with the time since the last call. */
  sweep(elapsedMs: number): void {
    this.#phaseMs += elapsedMs;
    const limits = this.#host.limits;
    switch (this.#phase) {
      case Phase.Idle:
        if (this.#output.blocked) this.#sweepWrite(elapsedMs);
        else if (this.#phaseMs > limits.keepAliveMs) this.#linger();
        return;
      case Phase.Head:
        if (this.#phaseMs > limits.headerTimeoutMs) this.#refuse(problems.header_timeout);
        return;
      case Phase.Busy:
      case Phase.Discarding:
        this.#sweepBusy(elapsedMs);
        return;
      case Phase.Lingering:
        if (this.#socket.pendingBytes > 0) this.#sweepWrite(elapsedMs);
        else if (this.#phaseMs > LINGER_MS) this.#socket.destroy();
        return;
    }
  }

  #sweepBusy(elapsedMs: number): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    if (this.#socket.pendingBytes > 0) this.#sweepWrite(elapsedMs);
    const body = exchange.body;
    const reading =
      body !== null && !body.ended && (body.waiting || this.#phase === Phase.Discarding);
    if (reading && this.#sweepRead(body, elapsedMs)) return;
    const limit = this.#host.limits.requestMs;
    if (!reading && !exchange.answered && limit > 0 && this.#phaseMs > limit) {
      this.#closeAfter = true;
      this.#report({ code: "request_timeout", status: 503 });
      this.#reply(
        exchange,
        problem(503, "request_timeout", "The answer took too long; try again later."),
      );
    }
  }

  /** @returns whether the client was cut */
  #sweepRead(body: RequestBody, elapsedMs: number): boolean {
    if (!body.tooSlow(elapsedMs)) return false;
    const { status, code, detail } = problems.body_timeout;
    this.#report({ status, code });
    this.#closeAfter = true;
    if (this.#phase === Phase.Discarding) this.#linger();
    // The handler's pull fails with a 408, which its App answers.
    else body.fail(new HttpError(status, code, detail));
    return true;
  }

  #sweepWrite(elapsedMs: number): void {
    if (!this.#output.tooSlow(elapsedMs, this.#host.limits)) return;
    this.#report({ code: "slow_reader", status: 0 });
    this.#socket.destroy();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#phaseMs = 0;
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }
}
