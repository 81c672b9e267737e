import type { TCPSocketConnectOptions } from "bun";
import { BunSocket, bunSocketEvents } from "./bun-socket.ts";
import type { Socket } from "./socket.ts";

/** Where a plain connection goes: an address with a port, or a unix socket. */
export type PlainAddress =
  | { readonly host: string; readonly port: number }
  | { readonly unix: string };

/**
 * Connects. The socket has no handler yet: it must be given one before anything is awaited.
 * @param address its host is an IP address: names are resolved by the caller
 * @param signal gives up
 * @throws (rejects with) an error with a `code` such as ECONNREFUSED
 */
export function connectPlain(address: PlainAddress, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const where = "unix" in address ? address : { hostname: address.host, port: address.port };
    const options = {
      ...where,
      allowHalfOpen: true,
      socket: {
        ...bunSocketEvents,
        open(native) {
          if (signal.aborted) {
            native.terminate();
            return;
          }
          const socket = new BunSocket(native);
          native.data = socket;
          resolve(socket);
        },
      },
    } as TCPSocketConnectOptions<BunSocket>;
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    Bun.connect<BunSocket>(options).catch(reject);
  });
}
