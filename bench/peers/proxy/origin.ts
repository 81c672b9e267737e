// The origin behind every proxy: constant bodies, and uploads that are counted.
const [port] = process.argv.slice(2).map(Number) as [number];
const body = (size: number) => new Uint8Array(size).fill(0x78);
const bodies: Record<string, Uint8Array<ArrayBuffer>> = {
  "/hello": body(12),
  "/1k": body(1 << 10),
  "/64k": body(64 << 10),
  "/1m": body(1 << 20),
};

Bun.serve({
  port,
  hostname: "127.0.0.1",
  idleTimeout: 120,
  async fetch(request, server) {
    if (request.headers.has("upgrade") && server.upgrade(request)) return undefined;
    const path = request.url.slice(request.url.indexOf("/", 8));
    if (request.method !== "POST") return new Response(bodies[path] ?? bodies["/hello"]);
    let size = 0;
    for await (const chunk of request.body ?? []) size += chunk.byteLength;
    return new Response(String(size));
  },
  websocket: { message: (socket, message) => void socket.send(message) },
});
