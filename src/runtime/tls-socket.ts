import type { TLSSocket } from "node:tls";
import type { Socket, SocketHandler } from "./socket.ts";

const owner = Symbol("owner");
type Owned = TLSSocket & { [owner]: TlsSocket };

/** The two ends of a connection. */
export interface ConnectionEnds {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

/** What lies under a stream on Bun: it takes what the kernel takes, at once, and says how much that was. */
interface Handle {
  write(bytes: Uint8Array | string): number;
}

/**
 * A `node:tls` socket as our {@link Socket}. As long as the peer keeps pace bytes go straight to the
 * connection, since the stream settles each write a turn later; what it does not take waits in the stream.
 */
export class TlsSocket implements Socket {
  handler: SocketHandler = idle;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly #native: TLSSocket;
  readonly #handle: Handle | undefined;
  #flushed: (() => void) | undefined;
  #blocked = false;
  #ending = false;
  #error: Error | undefined;

  /** @param addresses of whom the connection is for, when that is not its peer */
  constructor(native: TLSSocket, addresses: ConnectionEnds = native) {
    this.#native = native;
    const handle = (native as TLSSocket & { _handle?: Partial<Handle> | null })._handle;
    this.#handle = typeof handle?.write === "function" ? (handle as Handle) : undefined;
    this.remoteAddress = addresses.remoteAddress ?? "";
    this.remotePort = addresses.remotePort ?? 0;
    this.localAddress = addresses.localAddress ?? "";
    this.localPort = addresses.localPort ?? 0;
    (native as Owned)[owner] = this;
    // Shared functions: ten thousand idle connections need no closures each.
    native.on("data", onData);
    native.on("end", onEnd);
    native.on("error", onError);
    native.on("close", onClose);
  }

  get pendingBytes(): number {
    return this.#native.writableLength;
  }

  write(bytes: Uint8Array | string): boolean {
    const native = this.#native;
    if (this.#ending || native.destroyed) return false;
    if (this.#blocked || this.#handle === undefined) {
      this.#enqueue(bytes);
      return false;
    }
    const written = this.#handle.write(bytes);
    if (written === bytes.length) return true;
    // Negative when the connection is gone: the stream finds out and closes.
    const from = Math.max(written, 0);
    this.#enqueue(typeof bytes === "string" ? bytes.slice(from) : bytes.subarray(from));
    return false;
  }

  endWrite(): void {
    if (this.#ending || this.#native.destroyed) return;
    this.#ending = true;
    this.#native.end();
  }

  destroy(): void {
    this.#native.destroy();
  }

  pause(): void {
    this.#native.pause();
  }

  resume(): void {
    this.#native.resume();
  }

  #enqueue(bytes: Uint8Array | string): void {
    this.#blocked = true;
    this.#flushed ??= () => {
      if (!this.#blocked || this.#native.destroyed || this.#native.writableLength > 0) return;
      this.#blocked = false;
      if (!this.#ending) this.handler.drain();
    };
    if (typeof bytes === "string") this.#native.write(bytes, "latin1", this.#flushed);
    else this.#native.write(bytes, this.#flushed);
  }

  failed(error: Error): void {
    this.#error = error;
  }

  closed(): void {
    this.handler.close(this.#error);
  }
}

const idle: SocketHandler = { data() {}, end() {}, drain() {}, close() {} };

function onData(this: TLSSocket, chunk: Uint8Array): void {
  (this as Owned)[owner].handler.data(chunk);
}
function onEnd(this: TLSSocket): void {
  (this as Owned)[owner].handler.end();
}
function onError(this: TLSSocket, error: Error): void {
  (this as Owned)[owner].failed(error);
}
function onClose(this: TLSSocket): void {
  (this as Owned)[owner].closed();
}
