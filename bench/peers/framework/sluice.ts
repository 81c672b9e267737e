import { App } from "../../../src/index.ts";
import type { Middleware } from "../../../src/index.ts";
import { serve } from "../../../src/server/index.ts";
import { greeting, hello, NewUser, report } from "./work.ts";

const layer =
  (name: string): Middleware =>
  async (c, next) => {
    const reply = await next();
    c.headers.set(name, "1");
    return reply;
  };

const app = new App()
  .get("/hello", hello)
  .get("/json", greeting)
  .get("/users/:id", ({ params }) => ({ id: params.id }))
  .post("/users", { body: NewUser }, ({ body }) => ({ id: 1, ...body }))
  .get(
    "/layers",
    { use: ["x-a", "x-b", "x-c", "x-d", "x-e"].map(layer) },
    hello,
  )
  .get("/big", report);

await serve(app, { port: Number(process.argv[2]), http2: false });
