import type { UdpCounts, UdpFault, UdpFaultCode, UdpProxySettings } from "./settings.ts";
import { UdpSession } from "./udp-session.ts";

export interface UdpObserver {
  fault?(fault: UdpFault): void;
}

export const udpDefaults: Omit<UdpProxySettings, "backends"> = {
  idleMs: 60_000,
  maxSessions: 10_000,
};

/** Ticks that make up the idle time. */
const IDLE_TICKS = 8;
/** A datagram that came within this many milliseconds may be part of something that is not finished. */
const QUIET_MS = 250;

/**
 * Passes datagrams on to backends and their answers back. Each client, that is each address and port, has a
 * session with one backend until nothing was sent for a while.
 *
 * @example
 * const backends = new BackendGroup(
 *   [new Layer4Backend(parseLayer4Address("10.0.0.1:53"))],
 *   { strategy: "ip_hash", downMs: 10_000 },
 * );
 * const proxy = new UdpProxy({ ...udpDefaults, backends });
 * await proxy.listen({ host: "127.0.0.1", port: 5353 });
 */
export class UdpProxy {
  readonly counts: UdpCounts = {
    open: 0,
    sessions: 0,
    datagramsIn: 0,
    datagramsOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    faults: {},
  };
  port = 0;
  #settings: UdpProxySettings;
  #observer: UdpObserver;
  #socket: Bun.udp.Socket<"buffer"> | undefined;
  /** The one that was silent for longest comes first. */
  readonly #sessions = new Map<string, UdpSession>();
  #ticker: ReturnType<typeof setInterval> | undefined;
  #draining = false;

  constructor(settings: UdpProxySettings, observer: UdpObserver = {}) {
    this.#settings = settings;
    this.#observer = observer;
  }

  /** @throws (rejects with) an error with a `code` such as EADDRINUSE */
  async listen({ host, port }: { host: string; port: number }): Promise<void> {
    this.#socket = await Bun.udpSocket({
      hostname: host,
      port,
      socket: {
        data: (_, bytes, clientPort, address) => this.#receive(bytes, address, clientPort),
        // A client that is gone (ICMP): its session ends by itself, the others are none the worse.
        error() {},
      },
    });
    this.port = this.#socket.port;
    this.#tick();
  }

  /** Changes what new sessions meet; those that are open stay with their backend. */
  swap(settings: UdpProxySettings, observer: UdpObserver = this.#observer): void {
    this.#settings = settings;
    this.#observer = observer;
    this.#tick();
  }

  /** Begins no more sessions, and waits until those that are open fall silent. */
  async drain(deadlineMs: number): Promise<void> {
    this.#draining = true;
    const deadline = performance.now() + deadlineMs;
    let before = -1;
    const moved = (): number => this.counts.datagramsIn + this.counts.datagramsOut;
    while (this.#sessions.size > 0 && moved() !== before) {
      const left = deadline - performance.now();
      if (left <= 0) break;
      before = moved();
      await Bun.sleep(Math.min(QUIET_MS, left));
    }
    this.close();
  }

  close(): void {
    clearInterval(this.#ticker);
    for (const session of this.#sessions.values()) session.close();
    this.#socket?.close();
    this.#socket = undefined;
  }

  answer(session: UdpSession, bytes: Uint8Array): void {
    this.counts.datagramsOut++;
    this.counts.bytesOut += bytes.length;
    this.#touch(keyOf(session.address, session.port), session);
    if (!this.#send(bytes, session)) {
      this.fault("dropped", "an answer could not be passed on", session.address);
    }
  }

  fault(code: UdpFaultCode, message: string, client: string, backend?: string): void {
    this.counts.faults[code] = (this.counts.faults[code] ?? 0) + 1;
    this.#observer.fault?.({ code, message, client, ...(backend !== undefined && { backend }) });
  }

  left(session: UdpSession): void {
    if (this.#sessions.delete(keyOf(session.address, session.port))) this.counts.open--;
  }

  #receive(bytes: Uint8Array, address: string, port: number): void {
    this.counts.datagramsIn++;
    this.counts.bytesIn += bytes.length;
    const key = keyOf(address, port);
    const known = this.#sessions.get(key);
    if (known?.isLost === false) {
      this.#touch(key, known);
      known.send(bytes);
      return;
    }
    known?.close();
    if (this.#draining) return;
    if (this.#sessions.size >= this.#settings.maxSessions) {
      const [oldest] = this.#sessions.values();
      this.fault("sessions_full", "max_sessions is reached", oldest?.address ?? address);
      oldest?.close();
    }
    const session = new UdpSession(address, port, this);
    this.#sessions.set(key, session);
    this.counts.open++;
    this.counts.sessions++;
    session.send(bytes);
    void session.start(this.#settings.backends);
  }

  /** Puts a session last, as the one that was heard of last. */
  #touch(key: string, session: UdpSession): void {
    if (session.closed) return;
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
  }

  /** The error of an earlier datagram to another client may come out of a send: the next one is without it. */
  #send(bytes: Uint8Array, { port, address }: UdpSession): boolean {
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        return this.#socket?.send(bytes, port, address) ?? false;
      } catch {
        continue;
      }
    }
    return false;
  }

  #tick(): void {
    clearInterval(this.#ticker);
    this.#ticker = setInterval(() => {
      for (const session of this.#sessions.values()) {
        if (session.tick() > IDLE_TICKS) session.close();
      }
    }, this.#settings.idleMs / IDLE_TICKS);
    this.#ticker.unref();
  }
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`;
}
