import type { TcpAddress, TcpListener } from "../runtime/bun-listener.ts";
import { listenTcp } from "../runtime/bun-listener.ts";
import type { Socket } from "../runtime/socket.ts";
import type { SocketAddresses } from "./connection-info.ts";
import type { Door } from "./door.ts";
import type { Http1Engine } from "./engines/http1/engine.ts";
import type { Http2Engine } from "./engines/http2/engine.ts";
import type { ProxyHeaders } from "./proxy-header.ts";

/** A port without TLS: HTTP/1.x, and HTTP/2 for clients that know (RFC 9113 3.3). */
export function listenPlain(
  address: TcpAddress,
  door: Door,
  http1: Http1Engine,
  http2: Http2Engine | undefined,
  headers?: ProxyHeaders,
): TcpListener {
  const enter = (socket: Socket, addresses: SocketAddresses): void => {
    const remote = addresses.remoteAddress;
    if (!door.admit(remote)) {
      socket.destroy();
      return;
    }
    const connection = door.enter(addresses, undefined);
    const gone = (): void => {
      door.leave(remote);
      door.exit(connection);
    };
    http1.accept(
      socket,
      connection,
      gone,
      http2 && ((taken, first) => http2.accept(taken, first, connection, gone)),
    );
  };
  return listenTcp(address, (socket) => {
    if (headers === undefined) {
      enter(socket, socket);
      return;
    }
    headers.read(
      socket,
      (addresses, rest) => {
        enter(socket, addresses);
        if (rest.byteLength > 0) socket.handler.data(rest);
      },
      (code) => door.refuse(code, socket.remoteAddress),
    );
  });
}
