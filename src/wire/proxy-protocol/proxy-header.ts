/** One end of a connection. */
export interface ProxyEnd {
  /** An IP address in its canonical text, or the path of a unix socket. */
  readonly address: string;
  /** 0 for a unix socket. */
  readonly port: number;
}

/** What else a sender of version 2 has to say; types are those of section 2.2 of the specification. */
export interface ProxyTlv {
  readonly type: number;
  readonly value: Uint8Array;
}

export type ProxyTransport = "tcp" | "udp" | "unix_stream" | "unix_datagram";

/** What a PROXY protocol header tells of the connection that it precedes. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /**
   * Whether the sender speaks for itself (health checks: `LOCAL`) or does not know whom it speaks for
   * (`UNKNOWN`): `transport`, `source` and `destination` are undefined then, and the real ends of the
   * connection count.
   */
  readonly local: boolean;
  readonly transport: ProxyTransport | undefined;
  /** The client. */
  readonly source: ProxyEnd | undefined;
  /** What the client connected to. */
  readonly destination: ProxyEnd | undefined;
  /** In the order of the header; always empty in version 1. */
  readonly tlvs: readonly ProxyTlv[];
}

/** Types of {@link ProxyTlv} that are often looked for. */
export const proxyTlvTypes = {
  alpn: 0x01,
  authority: 0x02,
  crc32c: 0x03,
  noop: 0x04,
  uniqueId: 0x05,
  tls: 0x20,
  networkNamespace: 0x30,
} as const;

export type ProxyProtocolErrorCode =
  /** The connection does not begin with a header. */
  "proxy_header_missing" | "proxy_header_malformed" | "proxy_header_too_large";

/** The connection does not begin with a valid header: close it, nothing that follows can be trusted. */
export class ProxyProtocolError extends Error {
  override readonly name = "ProxyProtocolError";
  readonly code: ProxyProtocolErrorCode;

  constructor(code: ProxyProtocolErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function malformed(message: string): ProxyProtocolError {
  return new ProxyProtocolError("proxy_header_malformed", message);
}

/** The specification's 12 bytes: `\r\n\r\n\0\r\nQUIT\n`. */
export const SIGNATURE: readonly number[] = [
  0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
];
