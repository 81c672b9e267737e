import type { Socket, SocketHandler } from "../../runtime/socket.ts";

/** What is told of two sockets that pass on each other's bytes. */
export interface SpliceObserver {
  /** Bytes that one has passed on to the other. */
  passed(from: Socket, bytes: number): void;
  /** Something moved, so that the connection is not idle. */
  moved(): void;
  /** Both are gone. */
  gone(): void;
}

/**
 * One direction: takes what its socket sends and gives it to the other one, no faster than that one takes it.
 * Each side's end is passed on by itself, so that a client which has said all still hears the answer.
 */
class Half implements SocketHandler {
  readonly socket: Socket;
  readonly #observer: SpliceObserver;
  other!: Half;
  #ended = false;
  #closed = false;

  constructor(socket: Socket, observer: SpliceObserver) {
    this.socket = socket;
    this.#observer = observer;
  }

  data(chunk: Uint8Array): void {
    const { other } = this;
    // Nobody takes it any more.
    if (other.#closed) return;
    this.#observer.passed(this.socket, chunk.length);
    if (!other.socket.write(chunk)) this.socket.pause();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#observer.moved();
    this.other.socket.endWrite();
  }

  drain(): void {
    this.#observer.moved();
    this.other.socket.resume();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { other } = this;
    if (other.#closed) {
      this.#observer.gone();
      return;
    }
    // A connection that broke is broken off on the other side too: an end would be taken for the whole.
    if (!this.#ended) other.socket.destroy();
    // What is queued for the other is still delivered; what it sends is read to its end, and for nobody.
    else other.socket.resume();
  }
}

/** Joins two connections until both are gone. Their handlers are replaced. */
export function spliceSockets(client: Socket, backend: Socket, observer: SpliceObserver): void {
  const one = new Half(client, observer);
  const two = new Half(backend, observer);
  one.other = two;
  two.other = one;
  client.handler = one;
  backend.handler = two;
}
