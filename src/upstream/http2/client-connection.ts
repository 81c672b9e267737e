import type { Socket } from "../../runtime/socket.ts";
import { Endpoint } from "../../wire/http2/endpoint.ts";
import { DEFAULT_WINDOW, ErrorCode, FrameType, MAX_WINDOW } from "../../wire/http2/frames.ts";
import type { HeaderBlock } from "../../wire/http2/header-blocks.ts";
import { STREAM_WINDOW } from "../../wire/http2/message-stream.ts";
import { clientSettings } from "../../wire/http2/settings.ts";
import type { Call } from "../call.ts";
import { failCall } from "../fail-call.ts";
import { UpstreamFault } from "../fault.ts";
import { answerLimits } from "../patience.ts";
import { Http2ClientStream } from "./client-stream.ts";
import type { RequestOrigin } from "./request-fields.ts";

/**
 * What a backend may send on all streams together: never what holds it back, since a client that reads slowly
 * must not stop the others. The windows of the streams bound what is kept.
 */
const CONNECTION_WINDOW = 2 ** 30;
/** Streams at once, whatever more a backend allows. */
const MAX_STREAMS = 256;
/** The time for its settings, once the connection is open. */
const SETTLE_MS = 10_000;
/** Calls are under way and nothing comes: is it still there? gRPC servers take it amiss when asked more often. */
const PING_AFTER_MS = 5 * 60_000;
const PONG_MS = 15_000;

/** Calls that are given up on one connection. The least that is known of backends is that they take 100. */
const MAX_CUTS = 64;

/** What a connection tells its transport. */
export interface ConnectionOwner extends RequestOrigin {
  /** Of the backend, for messages. */
  readonly name: string;
  /** It takes calls from now on. Told once. */
  ready(connection: Http2ClientConnection): void;
  /** It may take another call. */
  free(connection: Http2ClientConnection): void;
  /** It takes no other call. Told once. */
  gone(connection: Http2ClientConnection, fault: UpstreamFault): void;
}

/** One connection to an HTTP/2 backend: many calls at a time. */
export class Http2ClientConnection extends Endpoint<Http2ClientStream> {
  readonly owner: ConnectionOwner;
  readonly openedAt: number;
  /** When its last call ended; for the transport. */
  idleSince: number;
  /** It takes no further call, and ends with those under way. */
  draining = false;
  #gone = false;
  /** Its owner knows that it is ready. */
  #told = false;
  #answered: Http2ClientStream[] = [];
  /** Bytes have come since the last call was begun. */
  #heard = true;
  #silentMs = 0;
  #cuts = 0;
  #pingMs: number | undefined;

  constructor(socket: Socket, owner: ConnectionOwner, now: number) {
    // What a backend resets was asked for by us.
    super(socket, "client", CONNECTION_WINDOW, { ...answerLimits, resets: Infinity });
    this.owner = owner;
    this.openedAt = now;
    this.idleSince = now;
    const { writer } = this;
    writer.preface();
    writer.frame(FrameType.settings, 0, 0, clientSettings(answerLimits.headerBytes, STREAM_WINDOW));
    writer.numbers(FrameType.windowUpdate, 0, CONNECTION_WINDOW - DEFAULT_WINDOW);
    writer.flush();
  }

  /** How many more calls it can take now. */
  get room(): number {
    if (!this.settled || this.draining || this.ended || this.#pingMs !== undefined) return 0;
    return Math.min(this.peer.maxConcurrentStreams, MAX_STREAMS) - this.streams.size;
  }

  /** The peer's settings have come: it speaks HTTP/2. */
  get isReady(): boolean {
    return this.settled;
  }

  /** Sends a request. There must be room. */
  start(call: Call): void {
    if (call.request.upgrade !== undefined && !this.peer.enableConnect) {
      const message = `${this.owner.name} takes no WebSockets over HTTP/2 (RFC 8441 3)`;
      failCall(call, new UpstreamFault("bad_upgrade", message, "nothing"));
      return;
    }
    const { streams } = this;
    const id = streams.lastOpened === 0 ? 1 : streams.lastOpened + 2;
    streams.lastOpened = id;
    if (id >= MAX_WINDOW - 2) this.draining = true;
    this.#heard = false;
    const stream = new Http2ClientStream(this, id, call);
    streams.set(id, stream);
    stream.start();
  }

  /** Nobody waits for it to be ready any more. */
  giveUp(fault: UpstreamFault): void {
    this.ended = true;
    this.#leave(fault);
  }

  /** Takes no further call; closes at once when there is none under way. */
  retire(): void {
    this.draining = true;
    if (this.streams.size === 0) this.#goodbye();
  }

  override data(chunk: Uint8Array): void {
    this.#silentMs = 0;
    this.#pingMs = undefined;
    this.#heard = true;
    super.data(chunk);
    const answered = this.#answered;
    if (answered.length > 0) {
      this.#answered = [];
      for (const stream of answered) stream.deliver();
    }
    if (this.draining && this.streams.size === 0) this.#goodbye();
  }

  end(): void {
    this.#break(undefined);
  }

  close(error?: Error): void {
    this.#break(error);
  }

  /** An answer has begun; it is handed on when all that came with it was read. */
  toDeliver(stream: Http2ClientStream): void {
    this.guard.progress();
    this.#answered.push(stream);
  }

  /** A stream is over. */
  closed(stream: Http2ClientStream): void {
    this.streams.delete(stream.id);
    if (this.ended) return;
    if (this.draining && this.streams.size === 0) this.#goodbye();
    else this.owner.free(this);
  }

  /**
   * A call took too long: no other is begun before the backend has shown that it is there, and never where the
   * window for all calls is shut.
   */
  doubt(): void {
    if (this.queue.window <= 0) {
      this.retire();
      return;
    }
    if (this.#pingMs !== undefined || this.ended) return;
    this.#pingMs = 0;
    this.writer.frame(FrameType.ping, 0, 0, new Uint8Array(8));
    this.writer.schedule();
  }

  override pong(): void {
    if (!this.#gone) this.owner.free(this);
  }

  sweep(elapsedMs: number): void {
    this.guard.sweep(elapsedMs);
    this.#silentMs += elapsedMs;
    for (const stream of this.streams.values()) stream.sweep(elapsedMs);
    if (!this.settled) {
      if (this.#silentMs >= SETTLE_MS) this.fail(ErrorCode.protocol, "its SETTINGS did not come");
    } else if (this.#pingMs !== undefined) {
      this.#pingMs += elapsedMs;
      if (this.#pingMs >= PONG_MS) this.#break(new Error("PING was not answered"));
    } else if (this.streams.size > 0 && this.#silentMs >= PING_AFTER_MS) {
      this.doubt();
    }
  }

  override asError(what: string): UpstreamFault {
    const message = this.settled
      ? `${this.owner.name} broke HTTP/2: ${what}`
      : `${this.owner.name} does not speak HTTP/2: ${what}`;
    return new UpstreamFault("bad_response", message, this.settled ? "some" : "nothing");
  }

  /** Backends end a connection on which too much is given up (CVE-2023-44487); before that we go to another one. */
  override cut(id: number, code: number): void {
    super.cut(id, code);
    if (++this.#cuts === MAX_CUTS) this.draining = true;
  }

  /** Nothing can be pushed to us. */
  protected get lastTaken(): number {
    return 0;
  }

  protected failed(_code: number, why: string): void {
    this.#leave(this.asError(why));
  }

  protected override onSettings(): void {
    if (this.#gone) return;
    // A second time: the limits may have changed.
    if (this.#told) this.owner.free(this);
    else this.owner.ready(this);
    this.#told = true;
  }

  /** RFC 9113 6.8: streams above `last` were not looked at. */
  protected onGoAway(last: number, code: number): void {
    this.draining = true;
    const message = `${this.owner.name} goes away (code ${code}) and did not take the request`;
    for (const stream of this.streams.values()) {
      if (stream.id > last) stream.broken(new UpstreamFault("reset", message, "nothing"));
    }
  }

  protected onReset(id: number, code: number): void {
    const stream = this.streams.get(id);
    if (stream === undefined) this.nuisance();
    else stream.reset(code);
  }

  protected onFields(stream: Http2ClientStream, block: HeaderBlock): void {
    if (stream.answered) this.takeTrailers(stream, block);
    else stream.fields(block);
  }

  protected onUnopened({ stream }: HeaderBlock): void {
    this.streams.checkKnown(stream, "HEADERS");
    // On its way when we gave the call up.
    if (!this.streams.takeCut(stream)) this.nuisance();
  }

  /** Nothing is under way and nothing is to come. */
  #goodbye(): void {
    if (this.#gone) return;
    this.ended = true;
    this.writer.numbers(FrameType.goaway, 0, 0, ErrorCode.noError);
    this.writer.flush();
    this.#leave(
      new UpstreamFault("reset", `the connection to ${this.owner.name} is closed`, "nothing"),
    );
  }

  /** The connection broke, or ended where it should not. */
  #break(error: Error | undefined): void {
    if (this.#gone) return;
    this.ended = true;
    const stale = !this.#heard && this.settled && this.streams.lastOpened > 1;
    const seen = !this.settled ? "nothing" : stale ? "unanswered" : "some";
    const what = this.settled ? "its answer was complete" : "it had said that it speaks HTTP/2";
    const message = `${this.owner.name} closed the connection before ${what}`;
    const code = this.settled ? "reset" : "connect_failed";
    const fault = new UpstreamFault(code, message, seen, error && { cause: error });
    this.#leave(fault);
    for (const stream of this.streams.values()) stream.broken(fault);
  }

  /** The end of it, for the transport and for the socket. */
  #leave(fault: UpstreamFault): void {
    if (this.#gone) return;
    this.#gone = true;
    this.owner.gone(this, fault);
    this.socket.destroy();
  }
}
