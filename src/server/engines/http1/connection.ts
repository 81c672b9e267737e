import type { Duplex } from "../../../wire/duplex.ts";
import { problem } from "../../../core/errors.ts";
import type { Connection } from "../../../core/exchange.ts";
import type { Reply } from "../../../core/reply.ts";
import type { HeaderList } from "../../../http/header-list.ts";
import type { Socket, SocketHandler } from "../../../runtime/socket.ts";
import type { HeadProblem } from "../../../wire/http1/head-problem.ts";
import { problems } from "../../../wire/http1/head-problem.ts";
import type { RequestHead } from "../../../wire/http1/request-head.ts";
import { isProblem } from "../../../wire/http1/request-head.ts";
import { readTarget } from "../../../wire/http1/request-target.ts";
import type { EngineHost } from "../../engine.ts";
import { answer, whenAnswered } from "../answer.ts";
import { bodyIncomplete, bodyTimeout } from "../body-problems.ts";
import type { Http1Port } from "./exchange.ts";
import { Http1Exchange } from "./exchange.ts";
import { findOverdue } from "./overdue.ts";
import { Output } from "../../../wire/http1/output.ts";
import { Phase } from "./phase.ts";
import type { PrefaceHandler } from "./preface.ts";
import type { Refused } from "./refusal.ts";
import { writeRefusal } from "./refusal.ts";
import type { Sent } from "./reply-sender.ts";
import { ReplySender } from "./reply-sender.ts";
import { DISCARD_BYTES, RequestBody } from "./request-body.ts";
import { RequestReader } from "./request-reader.ts";
import { Tunnel } from "../../../wire/http1/tunnel.ts";

/** How much we read and forget after our last answer (RFC 9112 9.6). */
const LINGER_BYTES = 1024 * 1024;

/**
 * One HTTP/1.x connection: reads heads, hands exchanges to the App one at a time and in order, writes
 * their replies. Requests that are pipelined wait in the input, which is bounded; answers that are ready
 * at once leave together.
 */
export class Http1Connection implements SocketHandler, Http1Port {
  readonly connection: Connection;
  readonly #socket: Socket;
  readonly #host: EngineHost;
  readonly #onPreface: PrefaceHandler | undefined;
  readonly #onGone: () => void;

  #phase: Phase = Phase.Idle;
  readonly #reader: RequestReader;
  #exchange: Http1Exchange | undefined;
  readonly #sender: ReplySender;
  #tunnel: Tunnel | undefined;
  readonly #output: Output;
  #closeAfter = false;
  #draining = false;
  #advancing = false;
  #peerEnded = false;
  #lingered = 0;
  /** Milliseconds in the present phase, counted by {@link sweep}. */
  #phaseMs = 0;
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
    this.#reader = new RequestReader(socket, host);
    this.#output = new Output(socket);
    this.#sender = new ReplySender(this.#output, host, this.#sent);
    socket.handler = this;
  }

  get idle(): boolean {
    return this.#phase === Phase.Idle && this.#reader.empty;
  }

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
        this.#reader.append(chunk);
        this.#feedBody();
        this.#reader.limitAhead();
        return;
      default:
        this.#reader.append(chunk);
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
        if (body && !body.ended) body.fail(bodyIncomplete());
        else this.#sender.peerEnded();
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
    this.#reader.clear();
    this.#onGone();
  }

  /** Takes requests from the input until one has to wait. */
  #advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    let answered = 0;
    let yields = false;
    while (this.#phase <= Phase.Head && !this.#reader.empty && !this.#output.blocked) {
      yields = answered++ >= this.#host.limits.pipelineDepth;
      if (yields) {
        // Others have their turn when one has pipelined a great many requests.
        setTimeout(() => this.#advance(), 0);
        break;
      }
      if (!this.#readHead()) break;
    }
    this.#advancing = false;
    this.#output.flush();
    if (this.#phase <= Phase.Head) {
      // What a client pipelines faster than it reads or we answer waits with the client.
      if (yields || this.#output.blocked) this.#reader.limitAhead();
      else this.#reader.resume();
    }
    if (this.#phase === Phase.Idle && this.#peerEnded && !this.#output.blocked) this.#linger();
  }

  /** @returns whether a request was taken from the input */
  #readHead(): boolean {
    const result = this.#reader.readHead(this.#onPreface !== undefined);
    if (result === undefined) {
      if (this.#phase === Phase.Idle) this.#enter(Phase.Head);
      return false;
    }
    if (result === "preface") {
      this.#phase = Phase.Closed;
      this.#onPreface?.(this.#socket, this.#reader.take() as Uint8Array, this.connection);
      return false;
    }
    if (isProblem(result)) {
      this.#refuse(result);
      return false;
    }
    this.#begin(result);
    return true;
  }

  #feedBody(): void {
    const body = this.#exchange?.body;
    if (!body || body.ended || this.#reader.empty) return;
    const found = this.#reader.feed(body);
    if (found !== undefined) this.#breakBody(found);
    else if (this.#phase !== Phase.Discarding) return;
    else if (body.ended) this.#next();
    else if (body.received > DISCARD_BYTES) this.#linger();
  }

  /** The content is malformed or too large: no byte behind it can be trusted. */
  #breakBody(found: HeadProblem): void {
    this.#closeAfter = true;
    this.#report(found);
    if (this.#phase === Phase.Discarding) this.#linger();
  }

  #begin(head: RequestHead): void {
    const host = this.#host;
    const scheme = this.connection.tls === undefined ? "http" : "https";
    const target = readTarget(head.method, head.target, head.host, scheme, host.paths);
    if ("status" in target) {
      this.#refuse(target);
      return;
    }
    const body =
      head.length === 0 ? null : new RequestBody(head, host.limits, this.#reader, this.#sender);
    const receivedAt = host.observer.finished === undefined ? 0 : performance.now();
    const exchange = new Http1Exchange(this, head, target, body, receivedAt);
    this.#exchange = exchange;
    this.#enter(Phase.Busy);
    this.#closeAfter = !head.keepAlive;
    if (body !== null) this.#feedBody();
    const reply = answer(host, exchange);
    if (reply instanceof Promise) whenAnswered(host, exchange, reply, this);
    else this.reply(reply, exchange);
  }

  /** Sends an answer, if it is still waited for. */
  reply(reply: Reply, exchange: Http1Exchange): void {
    if (exchange !== this.#exchange || exchange.closed || exchange.answered) {
      reply.discard();
      return;
    }
    this.#enter(Phase.Busy);
    this.#sending = true;
    this.#closeAfter = this.#sender.send(exchange, reply, this.#mustClose(exchange));
    // Behind a final answer there is no 100.
    if (exchange.body !== null) exchange.body.awaitsContinue = false;
    this.#sending = false;
    if (exchange.sent && this.#exchange === exchange) this.#finish(exchange);
  }

  /** RFC 9112 9.3 and 9.6: whether this answer is the connection's last. */
  #mustClose(exchange: Http1Exchange): boolean {
    const limit = this.#host.limits.requestsPerConnection;
    const last = limit > 0 && this.#reader.requests >= limit;
    return this.#closeAfter || this.#host.draining || last || exchange.body?.unwelcome === true;
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
    if (body === null || body.ended) {
      this.#next();
    } else if (this.#closeAfter) {
      this.#linger();
    } else {
      this.#enter(Phase.Discarding);
      // A client may wait for the answer before it goes on.
      this.#output.flush();
      body.discard();
    }
  }

  /** The request is over; the connection goes on or ends. */
  #next(): void {
    this.#exchange = undefined;
    // The head of an answer that began before the drain could not say `close`.
    if (this.#closeAfter || (this.#draining && this.#reader.empty)) {
      this.#linger();
      return;
    }
    this.#enter(Phase.Idle);
    this.#reader.resume();
    if (!this.#advancing && (!this.#reader.empty || this.#peerEnded)) this.#advance();
    else if (!this.#advancing) this.#output.flush();
  }

  /** Ends our side and reads on for a moment, so that a reset does not destroy the answer on its way. */
  #linger(): void {
    this.#exchange = undefined;
    this.#reader.clear();
    this.#output.flush();
    this.#socket.endWrite();
    this.#enter(Phase.Lingering);
    if (this.#peerEnded && this.#socket.pendingBytes === 0) this.#socket.destroy();
    else this.#reader.resume();
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
    exchange.end(error, this.#host.observer);
    this.#host.observer.finished?.(exchange, exchange.outcome(error));
  }

  inform(exchange: Http1Exchange, status: number, headers: HeaderList): void {
    // RFC 9110 15.2: never to an HTTP/1.0 client.
    if (exchange !== this.#exchange || exchange.answered || exchange.head.minor === 0) return;
    this.#sender.inform(status, headers);
  }

  takeover(exchange: Http1Exchange, status: number, headers: HeaderList): Duplex {
    this.#sender.switchProtocols(exchange, status, headers);
    this.#enter(Phase.Taken);
    return (this.#tunnel = new Tunnel(this.#socket, this.#reader.take(), this.#draining));
  }

  reset(exchange: Http1Exchange, reason: unknown): void {
    if (exchange !== this.#exchange) return;
    this.#sender.abort(reason);
    this.#exchange = undefined;
    this.#endExchange(exchange, reason ?? new Error("the exchange was reset"));
    this.#socket.destroy();
  }

  /** Closes the connection if it is between requests; otherwise with the answer under way. */
  drainIdle(): void {
    if (this.idle) this.#linger();
    else this.#draining = true;
    this.#tunnel?.serverDrains();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Called every so often with the time since the last call. */
  sweep(elapsedMs: number): void {
    this.#phaseMs += elapsedMs;
    const { limits } = this.#host;
    const exchange = this.#exchange;
    switch (findOverdue(this.#phase, this.#phaseMs, elapsedMs, this.#output, exchange, limits)) {
      case "keep_alive":
        this.#linger();
        return;
      case "header_timeout":
        this.#refuse(problems.header_timeout);
        return;
      case "body_timeout":
        this.#cutBody(exchange as Http1Exchange);
        return;
      case "request_timeout":
        this.#giveUp(exchange as Http1Exchange);
        return;
      case "slow_reader":
        this.#report({ code: "slow_reader", status: 0 });
        this.#socket.destroy();
        return;
      case "linger":
        this.#socket.destroy();
    }
  }

  #cutBody(exchange: Http1Exchange): void {
    this.#report(problems.body_timeout);
    this.#closeAfter = true;
    if (this.#phase === Phase.Discarding) this.#linger();
    // The handler's pull fails with a 408, which its App answers.
    else exchange.body?.fail(bodyTimeout());
  }

  /** Answers for a handler that takes too long, and tells it that nobody waits any more. */
  #giveUp(exchange: Http1Exchange): void {
    this.#closeAfter = true;
    this.#report({ code: "request_timeout", status: 503 });
    const detail = "The answer took too long; try again later.";
    this.reply(problem(503, "request_timeout", detail), exchange);
    exchange.end(new Error("the answer took too long"), this.#host.observer);
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#phaseMs = 0;
  }
}
