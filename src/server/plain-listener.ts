import type { TcpAddress, TcpListener } from "../runtime/bun-listener.ts";
import { listenTcp } from "../runtime/bun-listener.ts";
import type { Door } from "./door.ts";
import type { Http1Engine } from "./engines/http1/engine.ts";
import type { Http2Engine } from "./engines/http2/engine.ts";

/** A port without TLS: HTTP/1.x, and HTTP/2 for clients that know (RFC 9113 3.3). */
export function listenPlain(
  address: TcpAddress,
  door: Door,
  http1: Http1Engine,
  http2: Http2Engine | undefined,
): TcpListener {
  return listenTcp(address, (socket) => {
    const remote = socket.remoteAddress;
    if (!door.admit(remote)) {
      socket.destroy();
      return;
    }
    const connection = door.enter(socket, undefined);
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
  });
}
