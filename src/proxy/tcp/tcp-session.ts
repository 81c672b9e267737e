import { connectPlain } from "../../runtime/bun-connect.ts";
import type { Socket, SocketHandler } from "../../runtime/socket.ts";
import { dial } from "../../upstream/dial.ts";
import type { ProxiedConnection } from "../../wire/proxy-protocol/write-proxy-header.ts";
import {
  writeBinaryHeader,
  writeTextHeader,
} from "../../wire/proxy-protocol/write-proxy-header.ts";
import { ProxyHeaderReader } from "../../wire/proxy-protocol/proxy-header-reader.ts";
import { ProxyProtocolError } from "../../wire/proxy-protocol/proxy-header.ts";
import { ClientHelloError } from "../../wire/tls-client-hello/client-hello.ts";
import { ClientHelloReader } from "../../wire/tls-client-hello/client-hello-reader.ts";
import type { BackendGroup, Layer4Backend } from "../layer4/backend-group.ts";
import type { TcpCounts, TcpFault, TcpFaultCode, TcpProxySettings } from "./settings.ts";
import type { SpliceObserver } from "./splice-sockets.ts";
import { spliceSockets } from "./splice-sockets.ts";

/** What a client may send ahead before a backend is there to take it. */
const AHEAD_BYTES = 65_536;
/** A fatal alert, unrecognized_name (RFC 8446 6.2). */
const UNKNOWN_NAME = Uint8Array.of(21, 3, 3, 0, 2, 2, 112);

/** What a session needs of its proxy. */
export interface SessionHost {
  readonly counts: TcpCounts;
  fault(fault: TcpFault): void;
  left(session: TcpSession): void;
}

/** One client's connection, from its first byte until it and its backend's are gone. */
export class TcpSession implements SocketHandler, SpliceObserver {
  readonly #client: Socket;
  readonly #settings: TcpProxySettings;
  readonly #host: SessionHost;
  /** Whom the connection is made for. */
  #ends: ProxiedConnection;
  #proxyHeader: ProxyHeaderReader | undefined;
  #hello: ClientHelloReader | undefined;
  #ahead: Uint8Array[] = [];
  #aheadBytes = 0;
  #clientEnded = false;
  #closed = false;
  #backend: Layer4Backend | undefined;
  #backendSocket: Socket | undefined;
  #attempt: AbortController | undefined;
  #firstBytes: ReturnType<typeof setTimeout> | undefined;
  #still = 0;

  constructor(client: Socket, settings: TcpProxySettings, host: SessionHost) {
    this.#client = client;
    this.#settings = settings;
    this.#host = host;
    this.#ends = {
      source: { address: client.remoteAddress, port: client.remotePort },
      destination: { address: client.localAddress, port: client.localPort },
    };
  }

  /** @param ends of a PROXY header that was read already */
  start(ends?: ProxiedConnection): void {
    this.#client.handler = this;
    const { trustedProxies, serverNames, firstBytesMs } = this.#settings;
    if (ends !== undefined) this.#ends = ends;
    else if (trustedProxies !== undefined) {
      if (!trustedProxies.has(this.#client.remoteAddress)) {
        this.#refuse("proxy_header_untrusted", "the peer is not one of trusted_proxies");
        return;
      }
      this.#proxyHeader = new ProxyHeaderReader();
    }
    if (serverNames !== undefined) this.#hello = new ClientHelloReader();
    if (this.#proxyHeader === undefined && this.#hello === undefined) {
      void this.#connect(this.#settings.backends);
      return;
    }
    this.#firstBytes = setTimeout(() => {
      this.#refuse("first_bytes_timeout", "the client did not say what must come first in time");
    }, firstBytesMs);
  }

  /** One tick of the proxy's clock. @returns for how many nothing has moved */
  tick(): number {
    return ++this.#still;
  }

  /** Closes both ends at once. */
  destroy(): void {
    this.#closed = true;
    clearTimeout(this.#firstBytes);
    this.#attempt?.abort(new Error("the client is gone"));
    this.#client.destroy();
    this.#backendSocket?.destroy();
  }

  /** Ends a session for want of traffic. */
  expire(): void {
    this.#fault("idle", "nothing was sent in either direction", this.#backend);
    this.destroy();
  }

  // What the client does before it has a backend.

  data(chunk: Uint8Array): void {
    this.#still = 0;
    if (this.#closed) return;
    try {
      this.#read(chunk);
    } catch (error) {
      if (!(error instanceof ProxyProtocolError || error instanceof ClientHelloError)) throw error;
      this.#refuse(error.code, error.message);
    }
  }

  end(): void {
    this.#clientEnded = true;
    // It has said less than it must.
    if (this.#proxyHeader !== undefined || this.#hello !== undefined) this.destroy();
  }

  drain(): void {}

  close(): void {
    this.destroy();
    this.#leave();
  }

  #read(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#proxyHeader !== undefined) {
      const read = this.#proxyHeader.push(bytes);
      if (read === undefined) return;
      this.#proxyHeader = undefined;
      const { source, destination, transport } = read.header;
      if (source && destination && transport === "tcp") this.#ends = { source, destination };
      bytes = read.rest;
      if (this.#hello === undefined) {
        clearTimeout(this.#firstBytes);
        void this.#connect(this.#settings.backends);
      }
    }
    if (bytes.length === 0) return;
    if (this.#hello === undefined) {
      this.#keep(bytes);
      return;
    }
    const hello = this.#hello.push(bytes);
    if (hello === undefined) return;
    clearTimeout(this.#firstBytes);
    this.#keep(this.#hello.received);
    this.#hello = undefined;
    const { serverNames, backends } = this.#settings;
    const group = serverNames?.find(hello.serverName) ?? backends;
    if (group !== undefined) void this.#connect(group);
    else {
      const name = hello.serverName ?? "no name";
      this.#fault("tls_unknown_name", `the client asks for ${name}, which no backend is for`);
      this.#closed = true;
      this.#client.write(UNKNOWN_NAME);
      this.#client.endWrite();
      // Until it has read that, and at most for as long as it may take for anything.
      this.#firstBytes = setTimeout(() => this.destroy(), this.#settings.firstBytesMs);
    }
  }

  #keep(bytes: Uint8Array): void {
    this.#ahead.push(bytes);
    this.#aheadBytes += bytes.length;
    if (this.#aheadBytes > AHEAD_BYTES) this.#client.pause();
  }

  async #connect(group: BackendGroup | undefined): Promise<void> {
    const client = this.#ends.source.address;
    for (const backend of group?.candidates(client) ?? []) {
      backend.open++;
      try {
        const socket = await this.#dial(backend);
        if (this.#closed) socket.destroy();
        else {
          group?.worked(backend);
          this.#join(socket, backend);
          return;
        }
      } catch (error) {
        if (!this.#closed) {
          group?.failed(backend);
          this.#fault("connect_failed", (error as Error).message, backend);
        }
      }
      backend.open--;
      if (this.#closed) return;
    }
    this.#refuse("no_backend", "no backend could be connected to");
  }

  async #dial(backend: Layer4Backend): Promise<Socket> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    const { connectTimeoutMs } = this.#settings;
    const timer = setTimeout(() => {
      attempt.abort(new Error(`no connection to ${backend.name} within ${connectTimeoutMs} ms`));
    }, connectTimeoutMs);
    try {
      return await dial(backend, connectPlain, attempt.signal);
    } finally {
      clearTimeout(timer);
      this.#attempt = undefined;
    }
  }

  #join(socket: Socket, backend: Layer4Backend): void {
    this.#backend = backend;
    this.#backendSocket = socket;
    const client = this.#client;
    const { proxyProtocol } = this.#settings;
    if (proxyProtocol === 1) socket.write(writeTextHeader(this.#ends));
    else if (proxyProtocol === 2) socket.write(writeBinaryHeader(this.#ends));
    spliceSockets(client, socket, this);
    let keepsPace = true;
    for (const bytes of this.#ahead) {
      this.passed(client, bytes.length);
      keepsPace = socket.write(bytes) && keepsPace;
    }
    this.#ahead = [];
    if (this.#clientEnded) client.handler.end();
    else if (keepsPace) client.resume();
    else client.pause();
  }

  // While both ends are joined.

  passed(from: Socket, bytes: number): void {
    this.#still = 0;
    if (from === this.#client) this.#host.counts.bytesIn += bytes;
    else this.#host.counts.bytesOut += bytes;
  }

  moved(): void {
    this.#still = 0;
  }

  gone(): void {
    if (this.#backend !== undefined) this.#backend.open--;
    this.#backend = undefined;
    this.#leave();
  }

  #leave(): void {
    this.#closed = true;
    clearTimeout(this.#firstBytes);
    this.#host.left(this);
  }

  #refuse(code: TcpFaultCode, message: string): void {
    this.#fault(code, message);
    this.destroy();
  }

  #fault(code: TcpFaultCode, message: string, backend?: Layer4Backend): void {
    const client = this.#ends.source.address;
    this.#host.fault({ code, message, client, ...(backend && { backend: backend.name }) });
  }
}
