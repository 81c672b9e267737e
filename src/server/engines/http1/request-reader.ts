import type { Socket } from "../../../runtime/socket.ts";
import type { HeadProblem } from "../../../wire/http1/head-problem.ts";
import type { RequestHead } from "../../../wire/http1/request-head.ts";
import { parseRequestHead } from "../../../wire/http1/request-head.ts";
import type { EngineHost } from "../../engine.ts";
import { Input } from "../../../wire/http1/input.ts";
import { matchPreface } from "./preface.ts";
import type { RequestBody } from "./request-body.ts";

/** What may wait unread behind the request being answered before the socket is paused. */
const MAX_AHEAD = 64 * 1024;

/** The reading half of a connection: bytes in; heads and content out; and no more bytes than are wanted. */
export class RequestReader {
  /** Heads read so far. */
  requests = 0;
  readonly #socket: Socket;
  readonly #host: EngineHost;
  readonly #input = new Input();
  #paused = false;

  constructor(socket: Socket, host: EngineHost) {
    this.#socket = socket;
    this.#host = host;
  }

  get empty(): boolean {
    return this.#input.bytes === undefined;
  }

  append(chunk: Uint8Array): void {
    this.#input.append(chunk);
  }

  /** Stops reading when a client pipelines more than is good. */
  limitAhead(): void {
    if (this.#input.length > MAX_AHEAD) this.pause();
  }

  /**
   * The next head, a refusal, `preface` where an HTTP/2 connection begins, or undefined: more bytes are needed.
   * @param allowPreface whether to look for it at all; only a connection's first bytes can be one
   */
  readHead(allowPreface: boolean): RequestHead | HeadProblem | "preface" | undefined {
    const input = this.#input;
    const { limits } = this.#host;
    if (input.bytes === undefined || !input.worthParsing(limits.headerBytes)) return undefined;
    if (allowPreface && this.requests === 0) {
      const preface = matchPreface(input.bytes, input.at);
      if (preface === "whole") return "preface";
      if (preface === "partial") {
        input.headIncomplete();
        return undefined;
      }
    }
    const result = parseRequestHead(input.bytes, input.at, limits);
    if (result === undefined) {
      input.headIncomplete();
    } else if ("end" in result) {
      input.use(result.end);
      this.requests++;
    }
    return result;
  }

  /** Gives `body` what is its own. @returns the problem that ends the connection, if there is one */
  feed(body: RequestBody): HeadProblem | undefined {
    const input = this.#input;
    if (body.ended || input.bytes === undefined) return undefined;
    const next = body.feed(input.bytes, input.at);
    if (typeof next !== "number") {
      input.clear();
      return next;
    }
    input.use(next);
    return undefined;
  }

  /** What was read and not used; it is no longer held here. */
  take(): Uint8Array | undefined {
    return this.#input.take();
  }

  clear(): void {
    this.#input.clear();
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }
}
