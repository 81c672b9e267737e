// Fastify on Node; files through a stream of their own, as it has none built in.
import { createReadStream, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import Fastify from "fastify";

const [port, root, cert, key] = process.argv.slice(2);
const tls = cert && {
  http2: true,
  https: { allowHTTP1: true, cert: readFileSync(cert), key: readFileSync(key) },
};
const app = Fastify({ ...tls, keepAliveTimeout: 120_000 });

app.get("/hello", (_request, reply) => reply.type("text/plain").send("Hello, World!"));
app.get("/:file", (request, reply) => {
  const path = join(root, request.params.file);
  reply.header("content-length", statSync(path).size);
  return reply.type("application/octet-stream").send(createReadStream(path));
});

await app.listen({ host: "127.0.0.1", port: Number(port) });
