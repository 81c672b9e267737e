import type { Server, ServerWebSocket } from "bun";

/** The content of `/big`, bytes. */
export const BIG_BYTES = 256 * 1024;
const big = new Uint8Array(BIG_BYTES).fill(0x78);

/** Pieces of `/drip`, one every 100 ms for as long as somebody reads. */
function drip(signal: AbortSignal): ReadableStream<Uint8Array> {
  let count = 0;
  return new ReadableStream({
    async pull(controller) {
      await Bun.sleep(100);
      if (signal.aborted) controller.close();
      else controller.enqueue(new TextEncoder().encode(`${count++}\n`));
    },
  });
}

function events(): ReadableStream<string> {
  return new ReadableStream({
    async start(controller) {
      for (let i = 0; i < 3; i++) {
        controller.enqueue(`data: ${i}\n\n`);
        await Bun.sleep(20);
      }
      controller.close();
    },
  });
}

/** What a backend may do to a gateway, by path. */
export function startOrigin(): Server<undefined> {
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request, server) {
      const { pathname } = new URL(request.url);
      switch (pathname) {
        case "/socket":
          return server.upgrade(request) ? undefined : new Response("no socket", { status: 400 });
        case "/big":
          return new Response(big);
        case "/echo":
          return new Response(await request.arrayBuffer());
        case "/events":
          return new Response(events(), { headers: { "Content-Type": "text/event-stream" } });
        case "/drip":
          return new Response(drip(request.signal));
        case "/busy":
          return new Response("not now", { status: 503 });
        case "/slow":
          await Bun.sleep(300);
          return new Response("late");
        default:
          return new Response(`hello ${pathname}`);
      }
    },
    websocket: {
      message: (socket: ServerWebSocket<undefined>, message) => void socket.send(message),
    },
  });
}

/** An origin that closes in the middle of every answer. */
export function startBreaker(): { port: number; stop(): void } {
  const listener = Bun.listen({
    port: 0,
    hostname: "127.0.0.1",
    socket: {
      data(socket) {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly the beginning");
        socket.end();
      },
    },
  });
  return { port: listener.port, stop: () => listener.stop(true) };
}

/** Gives back what it is sent. */
export function startTcpEcho(): { port: number; stop(): void } {
  const listener = Bun.listen({
    port: 0,
    hostname: "127.0.0.1",
    socket: {
      data(socket, bytes) {
        socket.write(bytes);
      },
    },
  });
  return { port: listener.port, stop: () => listener.stop(true) };
}
