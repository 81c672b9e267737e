import type { TCPSocketListener, TCPSocketListenOptions } from "bun";
import { BunSocket, bunSocketEvents } from "./bun-socket.ts";
import type { Socket } from "./socket.ts";

/** A plain TCP port. */
export interface TcpListener {
  readonly port: number;
  /** The listening descriptor, for handing to another process. */
  readonly fd: number;
  /** Stops accepting; open connections stay. */
  stop(): void;
}

export interface TcpAddress {
  host: string;
  port: number;
  /** An inherited listening descriptor; host and port are then only names. */
  fd?: number | undefined;
}

/**
 * Listens on TCP. `accept` must set the socket's handler before it returns.
 * @throws an error with a `code` such as EADDRINUSE or EACCES
 */
export function listenTcp(address: TcpAddress, accept: (socket: Socket) => void): TcpListener {
  const where =
    address.fd === undefined
      ? { hostname: address.host, port: address.port }
      : { fd: address.fd, hostname: address.host, port: address.port };
  // The published types lack `fd`, on the way in and out.
  const options = {
    ...where,
    // A client that has sent its last request may half-close and still be answered.
    allowHalfOpen: true,
    socket: {
      open(native) {
        const socket = new BunSocket(native);
        native.data = socket;
        accept(socket);
      },
      ...bunSocketEvents,
    },
  } satisfies Partial<TCPSocketListenOptions<BunSocket>>;
  const listener = Bun.listen<BunSocket>(options as TCPSocketListenOptions<BunSocket>);
  return {
    // An inherited descriptor has its port from elsewhere.
    port: listener.port ?? address.port,
    fd: (listener as TCPSocketListener<BunSocket> & { fd: number }).fd,
    stop() {
      listener.stop(false);
    },
  };
}
