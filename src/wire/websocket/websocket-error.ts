/** The peer did what it must not: the connection fails with this code (RFC 6455 7.1.7). */
export class WebSocketError extends Error {
  /** For the close frame: see {@link CloseCode}. */
  readonly code: number;

  /** @param reason at most 123 bytes, for the close frame */
  constructor(code: number, reason: string) {
    super(reason);
    this.name = "WebSocketError";
    this.code = code;
  }
}
