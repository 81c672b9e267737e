import { HttpError } from "../../../core/errors.ts";
import type { Reply } from "../../../core/reply.ts";
import { isSource } from "../../../core/reply.ts";
import type { Source } from "../../../wire/source.ts";
import type { HeaderList } from "../../../http/header-list.ts";
import type { MemoryFile } from "../../../runtime/memory-file.ts";
import { fieldLines } from "../../../wire/http1/fields.ts";
import type { Framing } from "../../../wire/http1/framing.ts";
import { dateLine, statusLine } from "../../../wire/http1/reply-head.ts";
import type { EngineHost } from "../../engine.ts";
import type { Http1Exchange } from "./exchange.ts";
import type { Output } from "../../../wire/http1/output.ts";
import { constantFile, ConstantSource } from "./constant-body.ts";
import { constantAnswer } from "./constant-reply.ts";
import { composeHead, planFraming } from "./reply-plan.ts";
import { PartOfBytes } from "../../../wire/part-of-bytes.ts";
import { BodyPump } from "../../../wire/http1/body-pump.ts";

/** Told when a reply has been handed to the transport, or what broke it. */
export type Sent = (exchange: Http1Exchange, error: unknown) => void;

/** Writes the replies of one connection. */
export class ReplySender {
  readonly #output: Output;
  readonly #host: EngineHost;
  readonly #sent: Sent;
  #pump: BodyPump | undefined;

  constructor(output: Output, host: EngineHost, sent: Sent) {
    this.#output = output;
    this.#host = host;
    this.#sent = sent;
  }

  /** @returns whether the connection closes behind this reply, by the caller's wish or by its framing */
  send(exchange: Http1Exchange, reply: Reply, mustClose: boolean): boolean {
    try {
      return this.#send(exchange, reply, mustClose);
    } catch (error) {
      // A reply that cannot be written: the client must not be left waiting for it.
      this.#host.observer.failed?.(error, exchange);
      this.#sent(exchange, error);
      return true;
    }
  }

  #send(exchange: Http1Exchange, reply: Reply, mustClose: boolean): boolean {
    exchange.answered = true;
    exchange.status = reply.status;
    const constant = mustClose ? undefined : constantAnswer(exchange, reply, this.#host);
    if (constant !== undefined) {
      this.#output.whole(constant.bytes);
      exchange.bytesSent = constant.bodyBytes;
      exchange.sent = true;
      return false;
    }
    const framing = planFraming(exchange, reply);
    const close = mustClose || framing === "close";
    const head = composeHead(exchange, reply, this.#host, framing, close);
    const body = reply.body;
    if (framing === "none" || body === null) {
      this.#output.head(head);
      reply.discard();
    } else if (typeof body === "string") {
      exchange.bytesSent = this.#output.text(head, body);
    } else if (isSource(body)) {
      if (framing !== "length" || !(body instanceof PartOfBytes)) {
        this.#stream(exchange, reply, head, framing, body);
        return close;
      }
      this.#output.part(head, body);
      exchange.bytesSent = body.size;
      body.cancel();
    } else {
      // A frozen reply is sent again and again.
      const file =
        this.#output.sendsFiles && Object.isFrozen(reply) ? constantFile(body) : undefined;
      if (file !== undefined) {
        this.#sendConstant(exchange, reply, head, body, file);
        return close;
      }
      this.#output.bytes(head, body);
      exchange.bytesSent = body.byteLength;
    }
    exchange.sent = true;
    return close;
  }

  /** Mostly the socket takes all of it at once. */
  #sendConstant(
    exchange: Http1Exchange,
    reply: Reply,
    head: string,
    body: Uint8Array,
    file: MemoryFile,
  ): void {
    this.#output.head(head);
    this.#output.flushBeforeFile();
    const sent = this.#output.sendFile(file.fd, 0, file.size);
    if (sent === file.size && !this.#output.pending) {
      exchange.bytesSent = sent;
      exchange.sent = true;
      return;
    }
    this.#stream(exchange, reply, "", "length", new ConstantSource(body, file, sent), sent);
  }

  #stream(
    exchange: Http1Exchange,
    reply: Reply,
    head: string,
    framing: Framing,
    body: Source,
    before = 0,
  ): void {
    if (body.file === undefined || !this.#output.sendsFiles) this.#output.flush();
    const pump = new BodyPump(this.#output, head, body, framing, reply.trailers, (error) => {
      this.#pump = undefined;
      // Closed without a byte it would look like a connection that was idle, on which requests are sent again.
      if (error !== undefined) pump.flushHead();
      exchange.bytesSent = before + pump.sent;
      exchange.sent = true;
      this.#sent(exchange, error);
    });
    this.#pump = pump;
    pump.run();
  }

  sendContinue(): void {
    this.#output.flush();
    this.#output.write("HTTP/1.1 100 Continue\r\n\r\n");
  }

  /** An informational reply, at once (RFC 9110 15.2). */
  inform(status: number, headers: HeaderList): void {
    this.#output.head(`${statusLine(status)}${fieldLines(headers)}\r\n`);
    this.#output.flush();
  }

  /** The head that hands a connection over. @throws HttpError 426 when the request did not ask for it, 400 when it has content */
  switchProtocols(exchange: Http1Exchange, status: number, headers: HeaderList): void {
    if (exchange.answered || exchange.closed) {
      throw new Error("this request was answered already: it cannot be taken over");
    }
    if (exchange.body !== null && !exchange.body.ended) {
      const detail = "A request that changes the protocol must have no content left to read.";
      throw new HttpError(400, "takeover_with_content", detail);
    }
    const fields = fieldLines(headers);
    if (exchange.method === "CONNECT" && status >= 200 && status < 300) {
      this.#output.head(`${statusLine(status)}${fields}${dateLine()}\r\n`);
    } else if (status === 101 && exchange.head.upgrade !== undefined) {
      this.#output.head(`${statusLine(101)}${fields}Connection: Upgrade\r\n\r\n`);
    } else {
      const detail = "This address changes the protocol: send `Connection: Upgrade`, or CONNECT.";
      throw new HttpError(426, "upgrade_required", detail);
    }
    exchange.answered = true;
    exchange.status = status;
    this.#output.flush();
  }

  /** The socket takes bytes again. @returns whether a body went on */
  drain(): boolean {
    if (this.#pump === undefined) return false;
    this.#pump.run();
    return true;
  }

  /** The client has ended its side. */
  peerEnded(): void {
    this.#pump?.peerEnded();
  }

  /** Gives up a body under way. */
  abort(reason: unknown): void {
    this.#pump?.abort(reason);
    this.#pump = undefined;
  }
}
