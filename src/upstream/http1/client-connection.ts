import { HeaderList } from "../../http/header-list.ts";
import type { Socket, SocketHandler } from "../../runtime/socket.ts";
import { BodyPump } from "../../wire/http1/body-pump.ts";
import type { HeadProblem } from "../../wire/http1/head-problem.ts";
import { Input } from "../../wire/http1/input.ts";
import { Output } from "../../wire/http1/output.ts";
import type { ResponseHead } from "../../wire/http1/response-head.ts";
import { parseResponseHead } from "../../wire/http1/response-head.ts";
import { Tunnel } from "../../wire/http1/tunnel.ts";
import { PartOfBytes } from "../../wire/part-of-bytes.ts";
import type { Source } from "../../wire/source.ts";
import type { Call, UpstreamRequest } from "../call.ts";
import type { FaultCode } from "../fault.ts";
import { UpstreamFault } from "../fault.ts";
import { CONTINUE_MS, MAX_INFORMATIONAL, answerLimits as limits } from "../patience.ts";
import { trailerFields } from "../trailer-fields.ts";
import { ReplyContent } from "./reply-content.ts";
import { isChunked, requestHead } from "./request-head.ts";

const NO_TRAILERS = new HeaderList();

/** What a connection tells its pool. */
export interface ConnectionOwner {
  /** Of the backend, for messages. */
  readonly name: string;
  /** What the backend itself is asked for as. */
  readonly authority: string;
  /** It may take another call. */
  idle(connection: Http1ClientConnection): void;
  /** It takes no other call. Told once. */
  gone(connection: Http1ClientConnection): void;
}

/** One connection to an HTTP/1.1 backend: one call at a time. */
export class Http1ClientConnection implements SocketHandler {
  readonly openedAt: number;
  /** When its last call ended; for the pool. */
  idleSince = 0;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #input = new Input();
  readonly #output: Output;
  #call: Call | undefined;
  #pump: BodyPump | undefined;
  /** Content that waits for a 100 (RFC 9110 10.1.1). */
  #held: Source | undefined;
  #content: ReplyContent | undefined;
  #tunnel: Tunnel | undefined;
  #keepAlive = true;
  #calls = 0;
  /** Bytes of an answer have come. */
  #begun = false;
  #informational = 0;
  #waitedMs = 0;
  #pending = 0;
  #gone = false;
  #paused = false;

  constructor(socket: Socket, owner: ConnectionOwner, now: number) {
    this.#socket = socket;
    this.#owner = owner;
    this.#output = new Output(socket);
    this.openedAt = now;
    socket.handler = this;
  }

  get busy(): boolean {
    return this.#call !== undefined;
  }

  /** Sends a request. The connection must be idle. */
  start(call: Call): void {
    this.#call = call;
    this.#calls++;
    this.#begun = false;
    this.#informational = 0;
    this.#waitedMs = 0;
    call.abort = this.#abort;
    const { request } = call;
    const { body } = request;
    const head = requestHead(request, this.#owner.authority);
    if (body === null) {
      this.#output.head(head);
      this.#output.flush();
      return;
    }
    if (request.expectContinue === true) {
      this.#held = body;
      this.#output.head(head);
      this.#output.flush();
      return;
    }
    this.#send(request, body, head);
  }

  /** Sends content, behind the head if that is still to go. */
  #send(request: UpstreamRequest, body: Source, head: string): void {
    const framing = isChunked(request) ? "chunked" : "length";
    const trailers = () => trailerFields(body.trailers) ?? NO_TRAILERS;
    const pump = new BodyPump(this.#output, head, body, framing, trailers, (error) => {
      if (this.#pump !== pump) return;
      this.#pump = undefined;
      this.#waitedMs = 0;
      // What our client did not send in full, the backend must not take for the whole.
      if (error !== undefined) this.#abort(error);
    });
    this.#pump = pump;
    pump.run();
  }

  data(chunk: Uint8Array): void {
    // Of a head only all of it counts: byte by byte it could take for ever.
    if (this.#content !== undefined) this.#waitedMs = 0;
    if (this.#tunnel !== undefined) {
      this.#tunnel.data(chunk);
      return;
    }
    if (this.#call === undefined) {
      // Nobody asked for this; it would be taken for the answer to another request.
      this.#leave();
      return;
    }
    this.#begun = true;
    this.#input.append(chunk);
    this.#advance(this.#call);
  }

  end(): void {
    if (this.#tunnel !== undefined) {
      this.#tunnel.peerEnded();
      return;
    }
    const content = this.#content;
    if (content?.endsWithConnection === true && !content.ended) {
      content.end();
      this.#finish();
      return;
    }
    this.#break(undefined);
  }

  drain(): void {
    if (this.#tunnel !== undefined) {
      this.#tunnel.drain();
      return;
    }
    this.#output.drained();
    this.#waitedMs = 0;
    this.#pump?.run();
  }

  close(error?: Error): void {
    if (this.#tunnel !== undefined) {
      this.#tunnel.close(error);
      this.#endCall(error);
    }
    this.#break(error);
  }

  /** Called every so often with the time since the last call; ends what has taken too long. */
  sweep(elapsedMs: number): void {
    const call = this.#call;
    if (call === undefined || this.#tunnel !== undefined) return;
    const { firstByteMs, idleMs } = call.timeouts;
    if (this.#waitsForUs()) {
      this.#waitedMs = 0;
      return;
    }
    this.#waitedMs += elapsedMs;
    if (this.#held !== undefined && this.#waitedMs >= CONTINUE_MS) {
      this.#waitedMs = 0;
      this.#sendHeld(call);
      return;
    }
    const isHead = this.#content === undefined && this.#pump === undefined;
    const limit = isHead ? firstByteMs : idleMs;
    if (limit === 0 || this.#waitedMs < limit) return;
    const code = isHead ? "first_byte_timeout" : "idle_timeout";
    this.#fail(
      new UpstreamFault(code, `${this.#owner.name} made no progress for ${limit} ms`, "some"),
    );
  }

  /** Takes no further call; closes at once when there is none under way. */
  retire(): void {
    this.#keepAlive = false;
    if (this.#call === undefined) this.#leave();
    else this.#tunnel?.serverDrains();
  }

  /** Whether it is not the backend that is waited for, but our own client. */
  #waitsForUs(): boolean {
    if (this.#content !== undefined) return !this.#content.waiting;
    if (this.#pump === undefined) return false;
    const { pendingBytes } = this.#socket;
    const stalled = pendingBytes > 0 && pendingBytes === this.#pending;
    this.#pending = pendingBytes;
    return !stalled;
  }

  #advance(call: Call): void {
    const input = this.#input;
    while (input.bytes !== undefined && this.#call === call && this.#tunnel === undefined) {
      const go = this.#content === undefined ? this.#readHead(call) : this.#feed(this.#content);
      if (!go) return;
    }
  }

  /** @returns whether there may be more to do */
  #readHead(call: Call): boolean {
    const input = this.#input;
    if (input.bytes === undefined || !input.worthParsing(limits.headerBytes)) return false;
    const head = parseResponseHead(input.bytes, input.at, limits, call.request.method);
    if (head === undefined) {
      input.headIncomplete();
      return false;
    }
    if ("code" in head) {
      this.#refuse(head);
      return false;
    }
    input.use(head.end);
    if (head.status === 101) this.#upgrade(call, head);
    else if (head.status < 200) this.#inform(call, head);
    else this.#answer(call, head);
    return true;
  }

  #inform(call: Call, { status, headers }: ResponseHead): void {
    if (++this.#informational > MAX_INFORMATIONAL) {
      this.#fault("bad_response", "sent too many informational replies");
      return;
    }
    this.#waitedMs = 0;
    // 100 is about our own sending of the content, not about the client's.
    if (status === 100) this.#sendHeld(call);
    else call.inform(status, headers);
  }

  /** RFC 9110 7.8: only what was asked for. */
  #upgrade(call: Call, { status, headers, upgrade }: ResponseHead): void {
    const wanted = call.request.upgrade;
    if (wanted === undefined || upgrade?.toLowerCase() !== wanted) {
      this.#fault("bad_upgrade", "changed the protocol to one that was not asked for");
      return;
    }
    this.#tunnel = new Tunnel(this.#socket, this.#input.take(), !this.#keepAlive);
    this.#keepAlive = false;
    call.resolve({ status, headers, body: null, duplex: this.#tunnel });
  }

  #answer(call: Call, { status, headers, length, keepAlive }: ResponseHead): void {
    if (!keepAlive) this.#keepAlive = false;
    if (length === 0) {
      this.#finish();
      call.resolve({ status, headers, body: null });
      return;
    }
    const input = this.#input;
    if (length > 0 && input.bytes !== undefined && input.length >= length) {
      const body = new PartOfBytes(input.bytes, input.at, input.at + length);
      input.use(input.at + length);
      this.#finish();
      call.resolve({ status, headers, body });
      return;
    }
    this.#waitedMs = 0;
    const content = new ReplyContent(length, this.#flow, limits, this.#abort);
    if (input.bytes !== undefined) {
      // As long as nobody has the head, content that is wrong makes the answer none at all.
      const next = content.feed(input.bytes, input.at);
      if (typeof next !== "number") {
        this.#refuse(next);
        return;
      }
      input.use(next);
    }
    this.#content = content;
    if (content.ended) this.#finish();
    call.resolve({ status, headers, body: content });
  }

  /** @returns whether there may be more to do */
  #feed(content: ReplyContent): boolean {
    const input = this.#input;
    const next = content.feed(input.bytes as Uint8Array, input.at);
    if (typeof next !== "number") {
      this.#refuse(next);
      return false;
    }
    input.use(next);
    if (content.ended) this.#finish();
    return !content.ended;
  }

  /** The answer is complete. */
  #finish(): void {
    // Bytes behind an answer are nobody's, and of a request that was not sent in full the rest may still come.
    const isUnsent = this.#pump !== undefined || this.#held !== undefined;
    if (this.#input.bytes !== undefined || isUnsent) this.#keepAlive = false;
    this.#content = undefined;
    this.#stopSending(undefined);
    this.#endCall(undefined);
    this.#input.clear();
    this.#resume();
    if (this.#keepAlive) this.#owner.idle(this);
    else this.#leave();
  }

  #refuse({ code, detail }: HeadProblem): void {
    this.#fault("bad_response", `answered what is no valid response (${code}): ${detail}`);
  }

  #fault(code: FaultCode, what: string): void {
    this.#fail(new UpstreamFault(code, `${this.#owner.name} ${what}`, "some"));
  }

  /** The connection broke, or ended where it should not. */
  #break(error: Error | undefined): void {
    if (this.#call === undefined || this.#tunnel !== undefined) {
      this.#leave();
      return;
    }
    const stale = !this.#begun && this.#calls > 1;
    const message = `${this.#owner.name} closed the connection before its answer was complete`;
    const cause = error && { cause: error };
    this.#fail(new UpstreamFault("reset", message, stale ? "unanswered" : "some", cause));
  }

  /** Whoever asked has gone, or cannot go on. */
  readonly #abort = (reason: unknown): void => {
    if (this.#call === undefined) return;
    this.#fail(
      reason instanceof UpstreamFault
        ? reason
        : new UpstreamFault("cancelled", "the request was given up", "some", { cause: reason }),
    );
  };

  #fail(fault: UpstreamFault): void {
    const call = this.#call;
    const content = this.#content;
    this.#content = undefined;
    this.#stopSending(fault);
    this.#endCall(fault);
    if (content === undefined) call?.reject(fault);
    else content.fail(fault);
    this.#leave();
  }

  #sendHeld(call: Call): void {
    const body = this.#held;
    this.#held = undefined;
    if (body !== undefined) this.#send(call.request, body, "");
  }

  #stopSending(reason: unknown): void {
    this.#held?.cancel(reason);
    this.#held = undefined;
    const pump = this.#pump;
    this.#pump = undefined;
    pump?.abort(reason);
  }

  #endCall(error: unknown): void {
    const call = this.#call;
    this.#call = undefined;
    if (call === undefined) return;
    call.abort = undefined;
    call.finished(error);
  }

  /** The end of it, for the pool and for the socket. */
  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#keepAlive = false;
    this.#owner.gone(this);
    this.#socket.destroy();
  }

  readonly #flow = {
    pause: (): void => {
      if (this.#paused) return;
      this.#paused = true;
      this.#socket.pause();
    },
    resume: (): void => this.#resume(),
  };

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }
}
