import {
  copyPart,
  latin1,
  latin1Bytes,
  put,
  utf8Length,
  writeLatin1,
} from "../../runtime/bytes.ts";
import type { Socket } from "../../runtime/socket.ts";
import type { RateLimits } from "../rate-guard.ts";
import type { PartOfBytes } from "../part-of-bytes.ts";
import { RateGuard } from "../rate-guard.ts";

/** Up to this size a body of bytes is copied behind its head so that both leave in one write. */
const JOIN_BYTES = 64 * 1024;

/** Shared by all connections: a reply is copied into it and written in one go. */
let scratch = new Uint8Array(JOIN_BYTES);

const encoder = new TextEncoder();

/** The way out of a connection: text of one turn is gathered and leaves in one write. */
export class Output {
  /** The socket is full: nothing more may be produced until `drain`. */
  blocked = false;
  #written = 0;
  #guard: RateGuard | undefined;
  readonly #socket: Socket;
  #text = "";
  /** A message that is bytes already, and nothing else yet in this turn. */
  #whole: Uint8Array | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Something written has not left yet. */
  get pending(): boolean {
    return this.#socket.pendingBytes > 0;
  }

  /** Adds a head, Latin-1, to what leaves at the end of the turn. */
  head(text: string): void {
    this.#text = this.#gathered() + text;
  }

  /** Adds a head and a text body. @returns the body's size in bytes */
  text(head: string, body: string): number {
    const length = utf8Length(body);
    this.#text = this.#gathered() + head;
    if (length === body.length) {
      this.#text += body;
    } else {
      this.flush();
      this.write(encoder.encode(body));
    }
    return length;
  }

  /** Writes a head and a body of bytes, together when they are small. */
  bytes(head: string, body: Uint8Array): void {
    const text = this.#gathered() + head;
    const size = text.length + body.byteLength;
    if (size > JOIN_BYTES) {
      this.#text = text;
      this.flush();
      this.write(body);
      return;
    }
    this.#text = "";
    writeLatin1(scratch, text);
    put(scratch, body, text.length);
    this.#writeScratch(size);
  }

  /** Writes a head and a body that lies among other bytes. */
  part(head: string, { bytes, from, size }: PartOfBytes): void {
    if (bytes === undefined) throw new Error("this body was taken already");
    const text = this.#gathered() + head;
    if (text.length + size > JOIN_BYTES) {
      this.#text = text;
      this.flush();
      this.write(bytes.subarray(from, from + size));
      return;
    }
    this.#text = "";
    writeLatin1(scratch, text);
    copyPart(bytes, from, from + size, scratch, text.length);
    this.#writeScratch(text.length + size);
  }

  /** Adds a message that is in bytes already, head and all, and stays as it is. */
  whole(bytes: Uint8Array): void {
    const before = this.#gathered();
    if (before === "") this.#whole = bytes;
    else this.#text = before + latin1(bytes, 0, bytes.byteLength);
  }

  /** What is to leave at the end of the turn, as text. */
  #gathered(): string {
    const whole = this.#whole;
    if (whole === undefined) return this.#text;
    this.#whole = undefined;
    return latin1(whole, 0, whole.byteLength);
  }

  /** Sends what was gathered. */
  flush(): void {
    const whole = this.#whole;
    if (whole !== undefined) {
      this.#whole = undefined;
      this.write(whole);
      return;
    }
    const text = this.#text;
    if (text === "") return;
    this.#text = "";
    // Field values may hold obs-text, which a socket would send as UTF-8.
    if (text.length > JOIN_BYTES) {
      this.write(latin1Bytes(text));
      return;
    }
    writeLatin1(scratch, text);
    this.#writeScratch(text.length);
  }

  #writeScratch(size: number): void {
    this.#written += size;
    const socket = this.#socket;
    if (socket.writeFirst !== undefined) {
      if (!socket.writeFirst(scratch, size)) this.blocked = true;
      return;
    }
    if (socket.write(scratch.subarray(0, size))) return;
    this.blocked = true;
    // A full socket keeps what it did not take: that scratch is then its own.
    scratch = new Uint8Array(JOIN_BYTES);
  }

  /** Sends the gathered text ahead of {@link sendFile}, in the same packets where the system can. */
  flushBeforeFile(): void {
    const text = (this.#text = this.#gathered());
    if (text === "") return;
    if (this.#socket.writeMore === undefined) {
      this.flush();
      return;
    }
    this.#text = "";
    this.#written += text.length;
    if (!this.#socket.writeMore(text)) this.blocked = true;
  }

  /** Whether {@link sendFile} can be used. */
  get sendsFiles(): boolean {
    return this.#socket.sendFile !== undefined;
  }

  /** Sends from a file. @returns how many bytes; fewer when the socket is full @throws when the file is too short */
  sendFile(fd: number, position: number, length: number): number {
    const sent = this.#socket.sendFile?.(fd, position, length) ?? 0;
    if (sent < 0) throw new Error("the file became shorter while it was served");
    this.#written += sent;
    if (this.pending) this.blocked = true;
    return sent;
  }

  /** @returns false when the socket is full */
  write(bytes: Uint8Array | string): boolean {
    this.#written += bytes.length;
    if (this.#socket.write(bytes)) return true;
    this.blocked = true;
    return false;
  }

  drained(): void {
    this.blocked = false;
    this.#guard = undefined;
  }

  /** Whether the peer takes what was written too slowly; asked on every sweep while something is pending. */
  tooSlow(elapsedMs: number, limits: RateLimits): boolean {
    this.#guard ??= new RateGuard();
    return this.#guard.tooSlow(this.#written - this.#socket.pendingBytes, elapsedMs, limits);
  }
}
