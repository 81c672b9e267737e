/** What a client says before anything is encrypted (RFC 8446 4.1.2). */
export interface ClientHello {
  /** The name it asks for (SNI, RFC 6066 3), in lower case. */
  readonly serverName: string | undefined;
  /** Protocols it offers (ALPN, RFC 7301), in its order, such as `["h2", "http/1.1"]`. */
  readonly alpn: readonly string[];
  /** Versions it offers, such as 0x0304 for TLS 1.3; without those that only test tolerance (GREASE, RFC 8701). */
  readonly versions: readonly number[];
}

export type ClientHelloErrorCode =
  /** It does not speak TLS. */
  "tls_not_tls" | "tls_hello_malformed" | "tls_hello_too_large";

/** The connection does not begin with a ClientHello. */
export class ClientHelloError extends Error {
  override readonly name = "ClientHelloError";
  readonly code: ClientHelloErrorCode;

  constructor(code: ClientHelloErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function malformedHello(what: string): ClientHelloError {
  return new ClientHelloError("tls_hello_malformed", `a ClientHello ${what}`);
}
