/**
 * Bytes both ways after a takeover, with the same pulling discipline as a body.
 */
export interface Duplex {
  /** The next bytes from the peer, or null when it ended its side. One pull at a time. Rejects when it broke. */
  pull(): Uint8Array | null | Promise<Uint8Array | null>;
  /** Sends bytes. False means: wait for {@link drained} before sending more. */
  write(bytes: Uint8Array | string): boolean;
  /** Resolves when what was written has left for the transport, or at once. Rejects when the peer is gone. */
  drained(): Promise<void>;
  /** Ends our side; the peer may still send. */
  end(): void;
  /** Breaks both sides off. */
  destroy(reason?: unknown): void;
  /** Calls back once when the server goes down, so that the other protocol can end in its own way. */
  onDrain?(listener: () => void): void;
}
