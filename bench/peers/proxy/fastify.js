import { readFileSync } from "node:fs";
import httpProxy from "@fastify/http-proxy";
import Fastify from "fastify";

const [port, origin, cert, key] = process.argv.slice(2);
const https = cert && key ? { https: { cert: readFileSync(cert), key: readFileSync(key) } } : {};
const app = Fastify({ logger: false, bodyLimit: 100 << 20, ...https });
app.register(httpProxy, { upstream: `http://127.0.0.1:${origin}`, websocket: true });
await app.listen({ port: Number(port), host: "127.0.0.1" });
