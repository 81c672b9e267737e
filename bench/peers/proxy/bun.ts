const [port, origin, cert, key] = process.argv.slice(2) as [string, string, string?, string?];
const tls = cert === undefined || key === undefined ? {} : { tls: { cert: Bun.file(cert), key: Bun.file(key) } };

Bun.serve({
  port: Number(port),
  hostname: "127.0.0.1",
  ...tls,
  async fetch(request) {
    const path = request.url.slice(request.url.indexOf("/", 8));
    const { method, headers, body } = request;
    const answer = await fetch(`http://127.0.0.1:${origin}${path}`, { method, headers, body });
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  },
});
