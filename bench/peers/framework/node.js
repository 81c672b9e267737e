// Node's own server without a framework: the transport of Fastify.
import { createServer } from "node:http";
import { greeting, hello, report } from "./work.js";

function json(response, value) {
  const body = JSON.stringify(value);
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

function text(response, more) {
  const body = hello();
  const headers = { "content-type": "text/plain; charset=utf-8", "content-length": body.length };
  response.writeHead(200, { ...headers, ...more });
  response.end(body);
}

const layers = { "x-a": "1", "x-b": "1", "x-c": "1", "x-d": "1", "x-e": "1" };

createServer((request, response) => {
  const path = request.url;
  if (path === "/hello") text(response);
  else if (path === "/json") json(response, greeting());
  else if (path === "/big") json(response, report());
  else if (path === "/layers") text(response, layers);
  else if (path === "/users") {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => json(response, { id: 1, ...JSON.parse(Buffer.concat(chunks)) }));
  } else json(response, { id: path.slice("/users/".length) });
}).listen(Number(process.argv[2]), "127.0.0.1");
