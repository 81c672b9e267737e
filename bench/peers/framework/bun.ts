// Bun's own server without a framework: the transport of Hono and Elysia.
import { greeting, hello, report } from "./work.ts";

async function create(request: Request): Promise<Response> {
  const value = (await request.json()) as object;
  return Response.json({ id: 1, ...value });
}

function layered(): Response {
  const response = new Response(hello());
  for (const name of ["x-a", "x-b", "x-c", "x-d", "x-e"]) response.headers.set(name, "1");
  return response;
}

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  fetch(request) {
    const { url } = request;
    const path = url.slice(url.indexOf("/", 8));
    if (path === "/hello") return new Response(hello());
    if (path === "/json") return Response.json(greeting());
    if (path === "/big") return Response.json(report());
    if (path === "/layers") return layered();
    if (path === "/users") return create(request);
    return Response.json({ id: path.slice("/users/".length) });
  },
});
