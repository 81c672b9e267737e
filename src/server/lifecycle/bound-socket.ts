import { closeDescriptor, duplicate } from "../../runtime/libc.ts";

/** A listening socket that nobody accepts from; servers are given duplicates of its descriptor. */
export interface BoundSocket {
  readonly fd: number;
  readonly port: number;
}

/**
 * Binds and listens, and accepts nothing: what connects waits in the kernel's queue until a server is given
 * the descriptor. So a socket outlives every server on it, in this process and in others.
 * @throws an error with a `code` such as EADDRINUSE or EACCES
 */
export function bindSocket(host: string, port: number): BoundSocket {
  // The runtime resolves, binds and listens; before it can accept, its listener is closed again. The
  // duplicate keeps the socket.
  let listener: Bun.TCPSocketListener;
  try {
    listener = Bun.listen({ hostname: host, port, socket: { data() {} } });
  } catch (error) {
    throw Object.assign(error as Error, { port, host });
  }
  try {
    // The published type lacks `fd`.
    const fd = duplicate((listener as Bun.TCPSocketListener & { fd: number }).fd);
    return { fd, port: listener.port };
  } finally {
    listener.stop(true);
  }
}

/** Gives the socket back to the system; connections that wait in its queue are reset. */
export function releaseSocket(socket: BoundSocket): void {
  closeDescriptor(socket.fd);
}
