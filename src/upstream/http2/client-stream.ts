import { HeaderList } from "../../http/header-list.ts";
import { fieldPairs } from "../../wire/field-pairs.ts";
import { encodeFields } from "../../wire/hpack/encoder.ts";
import { isBodyless } from "../../wire/http1/framing.ts";
import { ErrorCode, FrameType } from "../../wire/http2/frames.ts";
import type { HeaderBlock } from "../../wire/http2/header-blocks.ts";
import { MessageStream } from "../../wire/http2/message-stream.ts";
import type { Source } from "../../wire/source.ts";
import { acceptKey } from "../../wire/websocket/accept-key.ts";
import type { Call } from "../call.ts";
import type { FaultCode } from "../fault.ts";
import { UpstreamFault } from "../fault.ts";
import { CONTINUE_MS, MAX_INFORMATIONAL } from "../patience.ts";
import type { Http2ClientConnection } from "./client-connection.ts";
import { trailerFields } from "../trailer-fields.ts";
import { ReplyContent } from "./reply-content.ts";
import { requestFields } from "./request-fields.ts";
import type { ResponseFields } from "./response-fields.ts";
import { readResponse } from "./response-fields.ts";

/** One call to a backend, on a stream of its own. */
export class Http2ClientStream extends MessageStream<ReplyContent> {
  readonly #connection: Http2ClientConnection;
  readonly #call: Call;
  /** Content that waits for a 100 (RFC 9110 10.1.1). */
  #held: Source | undefined;
  #head: ResponseFields | undefined;
  /** The answer was handed on: what goes wrong from here on, its content tells. */
  #delivered = false;
  #informational = 0;
  #waitedMs = 0;
  #sentBefore = 0;

  constructor(connection: Http2ClientConnection, id: number, call: Call) {
    super(connection, id, false);
    this.#connection = connection;
    this.#call = call;
    call.abort = this.#giveUp;
  }

  /** Sends the request. */
  start(): void {
    const { request } = this.#call;
    const { writer, owner } = this.#connection;
    const { body, upgrade } = request;
    const ends = body === null && upgrade === undefined;
    const block = encodeFields(requestFields(request, owner));
    writer.fields(FrameType.headers, this.id, block, ends);
    if (ends) this.sent();
    else if (request.expectContinue === true) this.#held = body ?? undefined;
    else if (body !== null) this.#send(body);
    writer.schedule();
  }

  #send(body: Source): void {
    this.sender.stream(body, () => {
      const trailers = trailerFields(body.trailers);
      return trailers === undefined ? undefined : encodeFields(fieldPairs(trailers));
    });
  }

  #sendHeld(): void {
    const body = this.#held;
    this.#held = undefined;
    this.#waitedMs = 0;
    if (body !== undefined) this.#send(body);
  }

  // What the backend sends.

  /** The answer was begun; what follows is trailers. */
  get answered(): boolean {
    return this.#head !== undefined;
  }

  override data(payload: Uint8Array, frameBytes: number, ended: boolean): boolean {
    this.#waitedMs = 0;
    if (this.#head !== undefined) return super.data(payload, frameBytes, ended);
    this.#connection.used(frameBytes);
    this.#refuse("content comes before its head");
    return true;
  }

  /** A field section: an informational reply, or the head of the answer. */
  fields({ section, endStream }: HeaderBlock): void {
    this.#waitedMs = 0;
    if (section.tooLarge) return this.#refuse("its header section is too large");
    if (section.malformed) return this.#refuse("a field holds what it may not");
    const head = readResponse(section.flat);
    if (typeof head === "string") return this.#refuse(head);
    if (head.status >= 200) this.#answer(head, endStream);
    else if (endStream) this.#refuse("an informational reply ends the stream");
    else this.#inform(head);
  }

  #inform({ status, headers }: ResponseFields): void {
    if (++this.#informational > MAX_INFORMATIONAL) {
      this.#refuse("there are too many informational replies");
    } else if (status === 100) {
      // 100 is about our own sending of the content, not about the client's.
      this.#sendHeld();
    } else {
      this.#call.inform(status, headers);
    }
  }

  #answer(head: ResponseFields, ended: boolean): void {
    const { request } = this.#call;
    const { status, contentLength } = head;
    const empty = request.method === "HEAD" || isBodyless(status);
    if (ended && !empty && (contentLength ?? 0) > 0) {
      this.#refuse("there is no content, but a length");
      return;
    }
    this.#head = head;
    const tunnels = request.upgrade !== undefined && status < 300;
    const size = empty ? 0 : tunnels ? undefined : contentLength;
    if (!ended || tunnels) this.body = new ReplyContent(this, size, this.#giveUp);
    if (tunnels) this.openTunnel(this.#giveUp);
    // A refused upgrade: there is nothing further to say.
    else if (request.upgrade !== undefined) this.sender.end(undefined);
    this.#connection.toDeliver(this);
    if (ended) this.remoteEnd();
  }

  /** Hands the answer on, all at once if it came so. */
  deliver(): void {
    const head = this.#head;
    if (this.#delivered || head === undefined) return;
    this.#delivered = true;
    const { status, headers } = head;
    const { body, tunnel } = this;
    const { request } = this.#call;
    if (tunnel !== undefined) {
      this.#call.resolve({
        ...switched(headers, request.headers),
        body: null,
        duplex: tunnel.duplex,
      });
      return;
    }
    const isEmpty = body === null || request.method === "HEAD" || isBodyless(status);
    const whole = isEmpty ? null : body.takeWhole();
    this.#call.resolve({ status, headers, body: whole === undefined ? body : whole });
  }

  /** The backend reset the stream. */
  reset(code: number): void {
    // RFC 9113 8.7.
    const seen = code === ErrorCode.refusedStream ? "nothing" : "some";
    const message = `${this.#connection.owner.name} reset the stream with code ${code}`;
    this.broken(new UpstreamFault("reset", message, seen));
  }

  // What goes wrong or takes too long.

  /** Called every so often with the time since the last call; ends what has taken too long. */
  sweep(elapsedMs: number): void {
    if (this.tunnel !== undefined) {
      if (this.#connection.draining) this.tunnel.serverDrains();
      return;
    }
    const { firstByteMs, idleMs } = this.#call.timeouts;
    if (this.#waitsForUs()) {
      this.#waitedMs = 0;
      return;
    }
    this.#waitedMs += elapsedMs;
    if (this.#held !== undefined && this.#waitedMs >= CONTINUE_MS) {
      this.#sendHeld();
      return;
    }
    const isSending = this.#call.request.body !== null && !this.sender.ended;
    const isHead = this.#head === undefined && !isSending;
    const limit = isHead ? firstByteMs : idleMs;
    if (limit === 0 || this.#waitedMs < limit) return;
    const message = `${this.#connection.owner.name} made no progress for ${limit} ms`;
    const code: FaultCode = isHead ? "first_byte_timeout" : "idle_timeout";
    this.abort(ErrorCode.cancel, new UpstreamFault(code, message, "some"));
    this.#connection.doubt();
  }

  /** Whether it is not the backend that is waited for, but our own client. */
  #waitsForUs(): boolean {
    if (this.body !== null) return !this.body.waiting && this.#hasContent();
    if (this.#held !== undefined || this.sender.ended) return false;
    if (this.#call.request.body === null) return false;
    const { bytesSent, held } = this.sender;
    const moved = bytesSent !== this.#sentBefore;
    this.#sentBefore = bytesSent;
    return moved || !held;
  }

  /** Whether somebody is to pull the content. */
  #hasContent(): boolean {
    return this.body?.size !== 0;
  }

  bodyWanted(): void {
    // A backend sends without being asked.
  }

  protected remoteHalfEnded(): void {
    if (this.tunnel !== undefined) return;
    // The answer is complete: what is left of the request is of no use (RFC 9113 8.1).
    this.#connection.cut(this.id, ErrorCode.noError);
    this.close(undefined);
  }

  protected halfSent(): void {
    this.#waitedMs = 0;
  }

  /** What our client did not send in full, the backend must not take for the whole. */
  sendFailed(error: unknown): void {
    this.#giveUp(error);
  }

  protected lengthMismatch(): UpstreamFault {
    return this.#connection.asError("the content is not as long as its Content-Length says");
  }

  #refuse(why: string): void {
    this.#connection.streamError(this, ErrorCode.protocol, why);
  }

  /** Whoever asked has gone, or cannot go on. */
  readonly #giveUp = (reason: unknown): void => {
    const fault =
      reason instanceof UpstreamFault
        ? reason
        : new UpstreamFault("cancelled", "the request was given up", "some", { cause: reason });
    this.abort(ErrorCode.cancel, fault);
  };

  protected over(reason: unknown): void {
    const call = this.#call;
    this.#held?.cancel(reason);
    this.#held = undefined;
    call.abort = undefined;
    this.#connection.closed(this);
    call.finished(reason);
    if (reason === undefined) return;
    if (this.#delivered) {
      this.body?.fail(reason);
    } else {
      this.#delivered = true;
      call.reject(reason);
    }
  }
}

/** What an upgrade of HTTP/1.1 would have been answered with, which is what callers know. */
function switched(headers: HeaderList, asked: HeaderList): { status: number; headers: HeaderList } {
  const key = asked.joined("sec-websocket-key");
  if (key === null) return { status: 101, headers };
  const list = new HeaderList(headers.flat.slice());
  list.set("Sec-WebSocket-Accept", acceptKey(key));
  return { status: 101, headers: list };
}
