import { listenTcp } from "../../runtime/bun-listener.ts";
import type { Socket } from "../../runtime/socket.ts";
import type { TlsContexts } from "../../runtime/tls-listener.ts";
import { listenTls } from "../../runtime/tls-listener.ts";
import { proxyHeaderBefore } from "./proxy-header-before.ts";
import type { TcpCounts, TcpFault, TcpFaultCode, TcpProxySettings } from "./settings.ts";
import { TcpSession } from "./tcp-session.ts";

export interface TcpListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** An inherited listening descriptor; host and port are then only names. */
  readonly fd?: number | undefined;
  /** Certificates for connections that are decrypted here; undefined passes bytes on as they come. */
  readonly tls?: TlsContexts | undefined;
  /** With `tls`: connections begin with a PROXY header before their handshake, as the settings then say. */
  readonly proxied?: boolean;
}

export interface TcpObserver {
  fault?(fault: TcpFault): void;
}

const HANDSHAKE_MS = 10_000;
/** Ticks that make up the idle time. */
const IDLE_TICKS = 8;

/**
 * Passes connections on to backends, byte by byte and both ways, at the pace of whoever is slower.
 *
 * @example
 * const backends = new BackendGroup(
 *   [new Layer4Backend(parseLayer4Address("10.0.0.1:5432"))],
 *   { strategy: "round_robin", downMs: 10_000 },
 * );
 * const proxy = new TcpProxy({ ...tcpDefaults, backends });
 * await proxy.listen({ host: "127.0.0.1", port: 5432 });
 */
export class TcpProxy {
  readonly counts: TcpCounts = { accepted: 0, open: 0, bytesIn: 0, bytesOut: 0, faults: {} };
  port = 0;
  #settings: TcpProxySettings;
  #observer: TcpObserver;
  readonly #sessions = new Set<TcpSession>();
  /** Where TLS ends here: connections, those that have not finished their handshake among them. */
  #admitted = 0;
  #listener: { stop(): void } | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #empty: (() => void) | undefined;

  constructor(settings: TcpProxySettings, observer: TcpObserver = {}) {
    this.#settings = settings;
    this.#observer = observer;
  }

  /** @throws (rejects with) an error with a `code` such as EADDRINUSE */
  async listen({ host, port, fd, tls, proxied = false }: TcpListenAddress): Promise<void> {
    const listener =
      tls === undefined
        ? listenTcp({ host, port, fd }, (socket) => this.#accept(socket))
        : await this.#listenTls({ host, port, fd }, tls, proxied);
    this.#listener = listener;
    this.port = listener.port;
    this.#tick();
  }

  /** Changes what new connections meet; those that are open go on as they began, the idle time aside. */
  swap(settings: TcpProxySettings, observer: TcpObserver = this.#observer): void {
    this.#settings = settings;
    this.#observer = observer;
    this.#tick();
  }

  /** Stops accepting and waits until every connection has ended; those that have not by then are broken off. */
  async drain(deadlineMs: number): Promise<void> {
    this.#listener?.stop();
    if (this.#sessions.size > 0) {
      const timer = setTimeout(() => this.#breakOff(), deadlineMs);
      await new Promise<void>((resolve) => (this.#empty = resolve));
      clearTimeout(timer);
    }
    this.close();
  }

  /** Breaks everything off. */
  close(): void {
    this.#listener?.stop();
    this.#listener = undefined;
    clearInterval(this.#ticker);
    this.#breakOff();
  }

  fault(fault: TcpFault): void {
    this.counts.faults[fault.code] = (this.counts.faults[fault.code] ?? 0) + 1;
    this.#observer.fault?.(fault);
  }

  left(session: TcpSession): void {
    if (!this.#sessions.delete(session)) return;
    this.counts.open--;
    if (this.#sessions.size === 0) this.#empty?.();
  }

  #listenTls(
    address: { host: string; port: number; fd: number | undefined },
    contexts: TlsContexts,
    proxied: boolean,
  ) {
    const refused = (code: TcpFaultCode, message: string, client: string): void =>
      this.fault({ code, message, client });
    // Nobody reads a header twice.
    const accept = (socket: Socket): void => this.#accept(socket, proxied);
    return listenTls(
      {
        ...address,
        contexts,
        alpn: [],
        handshakeTimeoutMs: HANDSHAKE_MS,
        ...(proxied && { before: proxyHeaderBefore(() => this.#settings, refused) }),
      },
      {
        admit: (client) => this.#admit(client),
        left: () => this.#admitted--,
        http1: accept,
        http2: accept,
        refused: (code, client, { message }) => refused(code, message, client),
      },
    );
  }

  #admit(client: string): boolean {
    if (this.#admitted < this.#settings.maxConnections) {
      this.#admitted++;
      return true;
    }
    this.counts.accepted++;
    this.#tooMany(client);
    return false;
  }

  #tooMany(client: string): void {
    this.fault({ code: "too_many_connections", message: "max_connections is reached", client });
  }

  /** @param isRead whether its PROXY header was read already: then the socket's ends are those it is for */
  #accept(socket: Socket, isRead = false): void {
    const settings = this.#settings;
    this.counts.accepted++;
    if (this.#sessions.size >= settings.maxConnections) {
      this.#tooMany(socket.remoteAddress);
      socket.destroy();
      return;
    }
    const session = new TcpSession(socket, settings, this);
    this.#sessions.add(session);
    this.counts.open++;
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    if (!isRead) session.start();
    else
      session.start({
        source: { address: remoteAddress, port: remotePort },
        destination: { address: localAddress, port: localPort },
      });
  }

  #tick(): void {
    clearInterval(this.#ticker);
    const { idleMs } = this.#settings;
    if (idleMs === 0) return;
    this.#ticker = setInterval(() => {
      for (const session of this.#sessions) if (session.tick() > IDLE_TICKS) session.expire();
    }, idleMs / IDLE_TICKS);
    this.#ticker.unref();
  }

  #breakOff(): void {
    for (const session of this.#sessions) session.destroy();
  }
}
