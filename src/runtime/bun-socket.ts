import { readSync } from "node:fs";
import type { Socket as NativeSocket } from "bun";
import { latin1Bytes } from "./bytes.ts";
import { findFileSender, MORE_BYTES } from "./sendfile.ts";
import type { Socket, SocketHandler } from "./socket.ts";

/** Asked of the system at a time, so that a file that is not in its memory does not stop the process for long. */
const SENDFILE_BYTES = 1024 * 1024;
const PIECE_BYTES = 4 * 1024;
const piece = new Uint8Array(PIECE_BYTES);

/** A socket of `Bun.listen` or `Bun.connect` as our {@link Socket}. The native socket's `data` points back here. */
export class BunSocket implements Socket {
  handler: SocketHandler = idle;
  pendingBytes = 0;
  readonly #native: NativeSocket<BunSocket>;
  #queue: Uint8Array[] = [];
  #ending = false;
  #closed = false;

  constructor(native: NativeSocket<BunSocket>) {
    this.#native = native;
  }

  get #fd(): number {
    return (this.#native as NativeSocket<BunSocket> & { fd: number }).fd;
  }

  get remoteAddress(): string {
    return this.#native.remoteAddress ?? "";
  }
  get remotePort(): number {
    return this.#native.remotePort ?? 0;
  }
  get localAddress(): string {
    return this.#native.localAddress ?? "";
  }
  get localPort(): number {
    return this.#native.localPort ?? 0;
  }

  write(bytes: Uint8Array | string): boolean {
    if (this.#closed || this.#ending) return false;
    if (this.pendingBytes > 0) {
      this.#enqueue(bytes, 0);
      return false;
    }
    const written = this.#native.write(bytes);
    if (written === bytes.length) return true;
    // Negative when the connection is gone; `close` tells.
    this.#enqueue(bytes, Math.max(written, 0));
    return false;
  }

  writeFirst(bytes: Uint8Array, length: number): boolean {
    if (this.#closed || this.#ending) return false;
    const written = this.pendingBytes > 0 ? 0 : this.#native.write(bytes, 0, length);
    if (written === length) return true;
    this.#enqueue(bytes.slice(Math.max(written, 0), length), 0);
    return false;
  }

  writeMore(text: string): boolean {
    const sender = findFileSender();
    const open = !this.#closed && !this.#ending && this.pendingBytes === 0;
    if (!open || sender === undefined || text.length > MORE_BYTES) {
      return this.write(latin1Bytes(text));
    }
    const sent = sender.sendMore(this.#fd, text);
    if (sent === text.length) return true;
    return this.write(latin1Bytes(sent > 0 ? text.slice(sent) : text));
  }

  sendFile(fd: number, position: number, length: number): number {
    if (this.#closed || this.#ending || this.pendingBytes > 0) return 0;
    const sender = findFileSender();
    let sent = 0;
    while (sent < length) {
      const wanted = Math.min(length - sent, SENDFILE_BYTES);
      const count = sender?.sendFile(this.#fd, fd, position + sent, wanted) ?? -1;
      if (count === 0) return -1;
      if (count > 0) {
        sent += count;
        continue;
      }
      // The socket is full. A write of our own that is cut short makes the event loop say when it is not.
      const read = readSync(fd, piece, 0, Math.min(length - sent, PIECE_BYTES), position + sent);
      if (read === 0) return -1;
      sent += read;
      const written = Math.max(this.#native.write(piece.subarray(0, read)), 0);
      if (written === read) continue;
      this.#enqueue(piece.slice(written, read), 0);
      return sent;
    }
    return sent;
  }

  endWrite(): void {
    if (this.#closed || this.#ending) return;
    this.#ending = true;
    if (this.pendingBytes === 0) this.#native.shutdown();
  }

  destroy(): void {
    if (!this.#closed) this.#native.terminate();
  }

  pause(): void {
    if (!this.#closed) this.#native.pause();
  }

  resume(): void {
    if (!this.#closed) this.#native.resume();
  }

  /** The kernel takes bytes again. */
  onDrain(): void {
    while (this.#queue.length > 0) {
      const first = this.#queue[0] as Uint8Array;
      const written = Math.max(this.#native.write(first), 0);
      this.pendingBytes -= written;
      if (written < first.length) {
        this.#queue[0] = first.subarray(written);
        return;
      }
      this.#queue.shift();
    }
    if (this.#ending) this.#native.shutdown();
    else this.handler.drain();
  }

  onClose(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.pendingBytes = 0;
    this.handler.close(error);
  }

  #enqueue(bytes: Uint8Array | string, from: number): void {
    const rest =
      typeof bytes === "string" ? encoder.encode(bytes.slice(from)) : bytes.subarray(from);
    this.#queue.push(rest);
    this.pendingBytes += rest.byteLength;
  }
}

/** What the system tells of sockets, for `Bun.listen` and `Bun.connect`. */
export const bunSocketEvents = {
  data(native: NativeSocket<BunSocket>, chunk: Uint8Array): void {
    native.data.handler.data(chunk);
  },
  end(native: NativeSocket<BunSocket>): void {
    native.data.handler.end();
  },
  drain(native: NativeSocket<BunSocket>): void {
    native.data.onDrain();
  },
  close(native: NativeSocket<BunSocket>, error?: Error): void {
    native.data?.onClose(error);
  },
  error(native: NativeSocket<BunSocket>, error: Error): void {
    native.data?.onClose(error);
  },
};

const encoder = new TextEncoder();

const idle: SocketHandler = { data() {}, end() {}, drain() {}, close() {} };
