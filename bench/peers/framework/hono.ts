import { zValidator } from "@hono/zod-validator";
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";
import { greeting, hello, NewUser, report } from "./work.ts";

const layer =
  (name: string): MiddlewareHandler =>
  async (c, next) => {
    await next();
    c.header(name, "1");
  };

const app = new Hono()
  .get("/hello", (c) => c.text(hello()))
  .get("/json", (c) => c.json(greeting()))
  .get("/users/:id", (c) => c.json({ id: c.req.param("id") }))
  .post("/users", zValidator("json", NewUser), (c) => c.json({ id: 1, ...c.req.valid("json") }))
  .get("/layers", ...(["x-a", "x-b", "x-c", "x-d", "x-e"].map(layer) as [MiddlewareHandler]), (c) =>
    c.text(hello()),
  )
  .get("/big", (c) => c.json(report()));

Bun.serve({ hostname: "127.0.0.1", port: Number(process.argv[2]), fetch: app.fetch });
