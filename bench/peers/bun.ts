// Bun's own server, as its documentation writes one: a handler and Bun.file.
const [port, root, cert, key] = process.argv.slice(2) as [string, string, string?, string?];

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  idleTimeout: 120,
  ...(cert && key && { tls: { cert: Bun.file(cert), key: Bun.file(key) }, http2: true }),
  fetch(request) {
    const { url } = request;
    const path = url.slice(url.indexOf("/", 8));
    if (path === "/hello") return new Response("Hello, World!");
    return new Response(Bun.file(root + path));
  },
});
