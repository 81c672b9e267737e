/**
 * A byte connection as engines and upstream clients see it, whatever runs below (Bun.listen, node:tls).
 * Plain calls and one handler object instead of an event emitter: this is the hottest path of the house.
 */
export interface Socket {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Set by the owner before any event can arrive; may be replaced, for instance at a takeover. */
  handler: SocketHandler;
  /**
   * Queues bytes; everything is accepted. A string must be ASCII: encode anything else first.
   * @returns false when the peer is slower than us: stop until `drain`, and leave `bytes` unchanged until then.
   */
  write(bytes: Uint8Array | string): boolean;
  /** As `write`, with the first `length` of `bytes`, which are the caller's again at once: spares the view. */
  writeFirst?(bytes: Uint8Array, length: number): boolean;
  /** Queues Latin-1 text, as `write` does, that the system may hold back until what is sent next: a file's bytes. */
  writeMore?(text: string): boolean;
  /**
   * Moves bytes from a file to the connection, past this process, where transport and system can.
   * @returns how many were accepted; fewer than `length` means: go on at `drain`. -1: the file ends before that.
   */
  sendFile?(fd: number, position: number, length: number): number;
  /** Bytes accepted by `write` but not yet taken by the kernel. */
  readonly pendingBytes: number;
  /** Sends FIN (close_notify over TLS) after what is queued. The peer may still send. */
  endWrite(): void;
  /** Closes at once; what is queued is lost. `close` follows. */
  destroy(): void;
  /** Stops `data` until `resume`. */
  pause(): void;
  resume(): void;
}

export interface SocketHandler {
  /** `chunk` is the handler's to keep. */
  data(chunk: Uint8Array): void;
  /** The peer sent FIN. */
  end(): void;
  /** The queue is empty again after `write` answered false. */
  drain(): void;
  /** The connection is gone; called exactly once, last. */
  close(error?: Error): void;
}
