import { HeaderList } from "../../http/header-list.ts";
import { latin1Bytes, writeLatin1 } from "../../runtime/bytes.ts";
import type { FileSlice, Source } from "../source.ts";
import { fieldLines } from "./fields.ts";
import type { Framing } from "./framing.ts";
import type { Output } from "./output.ts";

/** Trailer fields; a function is asked once the body has ended. */
type Trailers = HeaderList | (() => HeaderList | undefined) | undefined;

/** A first chunk up to this size leaves in one write with the head. */
const JOIN_BYTES = 16 * 1024;
const CRLF = new Uint8Array([0x0d, 0x0a]);

/**
 * Moves a body from its source to the socket at the socket's pace: one pull, one write, and no pull while
 * the socket is full.
 */
export class BodyPump {
  /** Body bytes written, framing not counted. */
  sent = 0;
  #head: string | undefined;
  #tail = "";
  #finished = false;
  /** A chunk was asked for and has not come: the socket may say meanwhile that it takes more. */
  #waiting = false;
  readonly #source: Source;
  readonly #framing: Framing;
  readonly #output: Output;
  readonly #trailers: Trailers;
  readonly #done: (error: unknown) => void;

  /** @param done called once: with undefined at the end, else with what went wrong */
  constructor(
    output: Output,
    head: string,
    source: Source,
    framing: Framing,
    trailers: Trailers,
    done: (error: unknown) => void,
  ) {
    this.#output = output;
    this.#head = head;
    this.#source = source;
    this.#framing = framing;
    this.#trailers = trailers;
    this.#done = done;
  }

  /** Pulls and writes until the source makes us wait or the socket is full. */
  run(): void {
    if (this.#waiting) return;
    try {
      const file =
        this.#framing === "length" && this.#output.sendsFiles ? this.#source.file : undefined;
      if (file !== undefined) {
        this.#sendFile(file);
        return;
      }
      for (;;) {
        if (this.#finished) return;
        const chunk = this.#source.pull();
        if (chunk instanceof Promise) {
          // The head must not wait for a slow first chunk (server-sent events, long polling).
          this.flushHead();
          this.#waiting = true;
          chunk.then(this.#resume, this.#fail);
          return;
        }
        if (!this.#write(chunk)) return;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The bytes go from the file to the socket; the source only closes it. */
  #sendFile(file: FileSlice): void {
    if (this.#finished) return;
    const head = this.#head;
    if (head !== undefined) {
      this.#head = undefined;
      this.#output.head(head);
      // Held back for bytes that never come it would be late.
      if (file.position < file.end) this.#output.flushBeforeFile();
      else this.#output.flush();
    }
    const sent = this.#output.sendFile(file.fd, file.position, file.end - file.position);
    file.position += sent;
    this.sent += sent;
    if (file.position < file.end || this.#output.pending) return;
    this.#finished = true;
    this.#source.cancel();
    this.#done(undefined);
  }

  /** Ends the pump from outside: the connection broke or timed out. */
  abort(reason: unknown): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#source.cancel(reason);
  }

  /** The client has ended its side; what has an end of its own goes on. */
  peerEnded(): void {
    if (!this.#finished) this.#source.peerEnded?.();
  }

  readonly #resume = (chunk: Uint8Array | null): void => {
    this.#waiting = false;
    if (this.#finished) return;
    try {
      if (this.#write(chunk)) this.run();
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #fail = (error: unknown): void => {
    if (this.#finished) return;
    this.#finished = true;
    this.#source.cancel(error);
    this.#done(error ?? new Error("the body failed"));
  };

  /** @returns whether to go on pulling now */
  #write(chunk: Uint8Array | null): boolean {
    if (chunk === null) {
      this.#end();
      return false;
    }
    this.sent += chunk.byteLength;
    const size = this.#source.size;
    if (size !== undefined && this.sent > size) {
      this.#fail(new Error(`the body is longer than the ${size} bytes it declared`));
      return false;
    }
    if (this.#framing !== "chunked") return this.#send("", chunk, "");
    const line = `${this.#tail}${chunk.byteLength.toString(16)}\r\n`;
    // The CRLF behind a large chunk travels with the next line: one write less, nothing copied.
    const small = chunk.byteLength <= JOIN_BYTES;
    this.#tail = small ? "" : "\r\n";
    return this.#send(line, chunk, small ? "\r\n" : "");
  }

  /** The head if it is still to go, `before`, the chunk and `after`: in one write when they are small. */
  #send(before: string, chunk: Uint8Array, after: string): boolean {
    const text = (this.#head ?? "") + before;
    this.#head = undefined;
    if (text === "" && after === "") return this.#output.write(chunk);
    if (chunk.byteLength > JOIN_BYTES) {
      this.#output.write(latin1Bytes(text));
      return this.#output.write(chunk);
    }
    const joined = new Uint8Array(text.length + chunk.byteLength + after.length);
    writeLatin1(joined, text);
    joined.set(chunk, text.length);
    if (after !== "") joined.set(CRLF, text.length + chunk.byteLength);
    return this.#output.write(joined);
  }

  /** Sends the head if it is still to go. */
  flushHead(): void {
    const head = this.#head;
    this.#head = undefined;
    if (head === undefined) return;
    this.#output.head(head);
    this.#output.flush();
  }

  #end(): void {
    const size = this.#source.size;
    if (size !== undefined && this.sent !== size) {
      this.#fail(new Error(`the body ended after ${this.sent} of ${size} bytes`));
      return;
    }
    // Before anything is marked: the application's function for trailers may throw.
    const trailers = this.#framing === "chunked" ? this.#trailerLines() : "";
    this.#finished = true;
    if (this.#framing === "chunked") {
      const end = `${this.#head ?? ""}${this.#tail}0\r\n${trailers}\r\n`;
      this.#head = undefined;
      this.#output.write(latin1Bytes(end));
    } else {
      this.flushHead();
    }
    this.#done(undefined);
  }

  #trailerLines(): string {
    const trailers = typeof this.#trailers === "function" ? this.#trailers() : this.#trailers;
    const list = trailers ?? this.#source.trailers;
    return list === undefined ? "" : fieldLines(new HeaderList(list.flat));
  }
}
