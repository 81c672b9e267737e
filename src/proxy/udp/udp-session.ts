import { isIP } from "node:net";
import { addressesOf } from "../../upstream/resolve.ts";
import type { BackendGroup, Layer4Backend } from "../layer4/backend-group.ts";
import type { UdpFaultCode } from "./settings.ts";

/** Datagrams that wait while a session's socket is made. */
const AHEAD = 64;

/** What a session needs of its proxy. */
export interface UdpSessionHost {
  /** Sends to the client. */
  answer(session: UdpSession, bytes: Uint8Array): void;
  fault(code: UdpFaultCode, message: string, client: string, backend?: string): void;
  /** The session cannot go on: the client's next datagram begins another. */
  left(session: UdpSession): void;
}

type BackendSocket = Bun.udp.ConnectedSocket<"buffer">;

/**
 * One client's datagrams, by its address and port. It has a socket of its own, so that its datagrams reach one
 * backend in their order and the answers can be nobody else's.
 */
export class UdpSession {
  readonly address: string;
  readonly port: number;
  readonly #host: UdpSessionHost;
  #socket: BackendSocket | undefined;
  #backend: Layer4Backend | undefined;
  #group: BackendGroup | undefined;
  #ahead: Uint8Array[] = [];
  #closed = false;
  #still = 0;

  constructor(address: string, port: number, host: UdpSessionHost) {
    this.address = address;
    this.port = port;
    this.#host = host;
  }

  /** Its backend was found ill: the client is better off with another one. */
  get isLost(): boolean {
    return this.#backend?.illness !== undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** One tick of the proxy's clock. @returns for how many nothing was sent */
  tick(): number {
    return ++this.#still;
  }

  async start(group: BackendGroup): Promise<void> {
    this.#group = group;
    for (const backend of group.candidates(this.address)) {
      backend.open++;
      this.#backend = backend;
      try {
        await this.#open(backend, group);
        return;
      } catch (error) {
        // Then it was given back already.
        if (this.#closed) return;
        backend.open--;
        this.#backend = undefined;
        group.failed(backend);
        const { message } = error as Error;
        this.#host.fault("connect_failed", message, this.address, backend.name);
      }
    }
    this.#host.fault("no_backend", "there is no backend to send to", this.address);
    this.close();
  }

  /** Passes a datagram on; it is taken at once or copied. */
  send(bytes: Uint8Array): void {
    this.#still = 0;
    if (this.#socket === undefined) {
      if (this.#ahead.length < AHEAD) this.#ahead.push(bytes.slice());
      else this.#dropped();
      return;
    }
    try {
      // False when the system has no room: what cannot be sent now is lost, as datagrams may be.
      if (!this.#socket.send(bytes)) this.#dropped();
    } catch (error) {
      // What an earlier datagram met (ICMP) may come out of this send, and then of nothing else.
      if ((error as { code?: string }).code === "ECONNREFUSED") this.#broken(error as Error);
      else this.#dropped();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ahead = [];
    if (this.#backend !== undefined) this.#backend.open--;
    this.#socket?.close();
    this.#host.left(this);
  }

  async #open(backend: Layer4Backend, group: BackendGroup): Promise<void> {
    // A datagram is not answered in a way that tells of a wrong address: the first one is it.
    const [hostname = ""] = await addressesOf(backend.host ?? "");
    if (this.#closed) return;
    const socket = await Bun.udpSocket({
      hostname: isIP(hostname) === 6 ? "::" : "0.0.0.0",
      connect: { hostname, port: backend.port },
      socket: {
        data: (_, bytes) => {
          this.#still = 0;
          group.worked(backend);
          this.#host.answer(this, bytes);
        },
        // The error comes alone, whatever the types say.
        error: (...given: unknown[]) => this.#broken(given.at(-1) as Error),
      },
    });
    if (this.#closed) {
      socket.close();
      return;
    }
    this.#socket = socket;
    const ahead = this.#ahead;
    this.#ahead = [];
    for (const bytes of ahead) this.send(bytes);
  }

  /** Nobody listens there (ICMP port unreachable), or there is no way. */
  #broken(error: Error): void {
    if (this.#closed) return;
    if (this.#backend !== undefined) this.#group?.failed(this.#backend);
    this.#host.fault("refused", error.message, this.address, this.#backend?.name);
    this.close();
  }

  #dropped(): void {
    this.#host.fault(
      "dropped",
      "a datagram could not be passed on",
      this.address,
      this.#backend?.name,
    );
  }
}
