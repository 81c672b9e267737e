import type { HeaderList } from "../http/header-list.ts";
import type { Duplex } from "../wire/duplex.ts";
import type { Reply } from "./reply.ts";
import type { RouteInfo } from "./route.ts";
import type { Source } from "../wire/source.ts";

export type Protocol = "HTTP/1.0" | "HTTP/1.1" | "HTTP/2" | "HTTP/3";

/** A verified client certificate (mTLS). */
export interface ClientCertificate {
  /** Distinguished name, RFC 4514 order, such as `CN=alice,O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** Subject alternative names with their kind: `DNS:a.example`, `IP:10.0.0.1`, `email:a@b`, `URI:spiffe://…`. */
  readonly altNames: readonly string[];
  /** SHA-256 of the DER certificate, lower-case hex without separators. */
  readonly fingerprint: string;
  readonly serialNumber: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

export interface TlsInfo {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  /** The name the client asked for (SNI), lower case, or undefined. */
  readonly serverName: string | undefined;
  /** The negotiated ALPN protocol: `h2`, `http/1.1`, `h3`, or undefined. */
  readonly alpn: string | undefined;
  /** Present only when the chain was verified against the listener's `client_ca`. */
  readonly clientCertificate: ClientCertificate | undefined;
}

/** What is known of the connection a request came on. One object a connection, shared by its requests. */
export interface Connection {
  /** Counts up within the process; for logs. */
  readonly id: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly tls: TlsInfo | undefined;
}

/**
 * One request as its protocol gave it, and the means to answer beyond returning a Reply.
 *
 * Each engine implements it. A server hands it to an {@link Application}, whose Reply the engine sends.
 */
export interface Exchange {
  readonly protocol: Protocol;
  /** As sent, case kept; any token. */
  readonly method: string;
  readonly scheme: "http" | "https";
  /** `Host` or `:authority` as sent, lower-cased, with its port if any; "" where HTTP/1.0 sent none. */
  readonly authority: string;
  /** The request target as sent. */
  readonly target: string;
  /** The canonical path (see http/path.ts); "*" for `OPTIONS *`, "" for CONNECT. */
  readonly path: string;
  /** The query as sent without its "?", or "". */
  readonly query: string;
  /**
   * The protocol this request asks to change to: the `:protocol` of an extended CONNECT (RFC 8441, RFC 9220), or
   * the lower-cased `Upgrade` of an HTTP/1.1 request with `Connection: upgrade`. Undefined when it asks for none.
   * An h1 client may offer several, separated by commas.
   */
  readonly upgradeProtocol: string | undefined;
  /** The header section in order, case and duplicates kept. HTTP/2 and 3 have pseudo-headers removed. */
  readonly headers: HeaderList;
  readonly connection: Connection;
  /** The request's content, or null when it has none. The engine drains or drops what is left unread. */
  readonly body: Source | null;
  /** Milliseconds of `performance.now()` when the head was complete. */
  readonly receivedAt: number;
  /** True once the peer is gone or the stream was reset. */
  readonly closed: boolean;
  /** True where there is no connection, only a web `Request`: its `Response` has no place for trailers. */
  readonly detached?: boolean;
  /** The route that answers, once one was found; for logs and metrics. */
  route?: RouteInfo | undefined;
  /** Which backend was asked, if any; for logs and metrics. */
  upstream?: UpstreamNote | undefined;
  /** The id that this request has for logs, where a middleware gave it one. */
  requestId?: string | undefined;

  /** Sends an informational reply (1xx, not 101). Silently nothing where the client cannot take one (HTTP/1.0). */
  inform(status: number, headers: HeaderList): void;
  /**
   * Pushes `path` where the client still allows server push, and otherwise sends a 103 with a preload link.
   * @returns which of them was done; "none" where neither is possible.
   */
  push(path: string, options?: PushOptions): "push" | "preload" | "none";
  /** Breaks the exchange off so that the client sees an error: connection close in h1, a reset in h2 and h3. */
  reset(reason?: unknown): void;
  /**
   * Takes the connection over for another protocol: `Upgrade` (101), CONNECT (200) or extended CONNECT.
   * The head is sent at once; the handler then answers {@link Reply.TAKEN}.
   * @throws when the request is not one that can be taken over.
   */
  takeover(status: number, headers: HeaderList): Duplex;
  /** Calls back once, when the exchange has ended early: the peer went away, or it was reset. */
  onClose(listener: CloseListener): void;
}

/** Whom to tell that a request has ended early: a function, or what is given up then. */
export type CloseListener = ((reason: unknown) => void) | { cancel(reason: unknown): void };

export interface PushOptions {
  /** For the preload link's `as` attribute: `style`, `script`, `image`, `font`, `fetch` … Guessed from the path if left out. */
  as?: string;
  headers?: HeaderList;
}

/** How a request fared with an upstream. */
export interface UpstreamNote {
  readonly upstream: string;
  /** Of the last attempt; "" when none could be asked. */
  readonly backend: string;
  readonly attempts: number;
  /** Milliseconds until the head of the answer, or the fault. */
  readonly ms: number;
  /** Why it failed, if it did: a stable code. */
  readonly fault: string | undefined;
}

/** What a server serves. An App is one; so is any object with this method. */
export interface Application {
  /**
   * Answers one exchange. It must not throw: an App turns errors into replies; an engine answers 500 otherwise.
   * @param report is told of errors that were answered with a 500
   */
  handle(exchange: Exchange, report?: ErrorReport): Reply | Promise<Reply>;
  /** Called before a server listens. What it throws, `serve` throws. */
  start?(): Promise<void>;
  /** Called when a server has drained or was closed. */
  stop?(): Promise<void>;
}

/** Is told of an error that is not for the client to see. `id` is in the client's answer. */
export type ErrorReport = (error: unknown, exchange: Exchange, id: string) => void;
