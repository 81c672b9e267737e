import { z } from "zod";
import { App, bytes, error, form, middleware, stream, text } from "../../src/index.ts";

const User = z.object({ id: z.number().int(), name: z.string(), since: z.date().optional() });
const NotFound = error(404, "user_not_found");
const Exists = error(409, "user_exists");

/** Answers as a limit would, with a code that no contract names. */
const limited = middleware("limited", async (c, next) => {
  if (c.requestHeaders.get("x-limited") !== null) throw new (error(429, "rate_limited"))();
  return await next();
});

export const app = new App({ users: new Map([[7, "Ada"]]), visits: 0 })
  .use(limited)
  .get("/", () => "welcome")
  .get(
    "/users/:id",
    {
      params: z.object({ id: z.coerce.number().int().positive() }),
      query: z.object({ full: z.enum(["yes", "no"]).optional() }),
      returns: User,
      errors: [NotFound],
    },
    ({ params, query, state }) => {
      const name = state.users.get(params.id);
      if (name === undefined) throw new NotFound(`no user ${params.id}`);
      return query.full === "yes"
        ? { id: params.id, name, since: new Date(0) }
        : { id: params.id, name };
    },
  )
  .post(
    "/users",
    { body: z.object({ name: z.string().min(1) }), returns: User, errors: [Exists] },
    (c) => {
      if (c.body.name === "Ada") throw new Exists();
      return c.json({ id: 8, name: c.body.name }, 201);
    },
  )
  .get("/echo", (c) => ({
    query: c.query,
    agent: c.requestHeaders.get("x-agent") ?? undefined,
    at: new Date(0),
  }))
  .get("/files/*rest", ({ params }) => params.rest)
  .get("/raw/:name", ({ params }) => params.name)
  .get("/bytes", () => new Uint8Array([1, 2, 3]))
  .delete("/users/:id", () => undefined)
  .all("/any", (c) => c.method)
  .post(
    "/form",
    { body: form(z.object({ name: z.string(), photo: z.instanceof(File).optional() })) },
    async ({ body }) => ({ name: body.name, photo: (await body.photo?.text()) ?? "none" }),
  )
  .post("/text", { body: text() }, ({ body }) => body.toUpperCase())
  .post("/bytes", { body: bytes() }, ({ body }) => body.length)
  .post("/stream", { body: stream() }, async (c) => ({
    type: c.requestHeaders.get("content-type"),
    ended: c.body === null,
  }))
  .post("/sign-in", (c) => {
    c.cookies.set("who", "ada", { path: "/me" });
    return c.redirect("/me", 303);
  })
  .get("/me", (c) => c.cookies.get("who") ?? "nobody")
  .put("/moved", (c) => c.redirect("/moved-on", 307))
  .put("/moved-on", async (c) => await c.text())
  .get("/loop", (c) => c.redirect("/loop"))
  .get("/away", (c) => c.redirect("http://elsewhere.test/"))
  .get("/feed", (c) =>
    c.sse(async (events) => {
      const from = Number(events.lastEventId ?? 0);
      for (let i = from + 1; i <= from + 3; i++) {
        await events.send({ event: "tick", id: String(i), data: { i } });
      }
    }),
  )
  .get(
    "/never",
    (c) => new Promise<string>((resolve) => c.signal.addEventListener("abort", () => resolve(""))),
  )
  .get("/broken", (): string => {
    throw new Error("a bug");
  })
  .ws("/room/:id", { message: (ws, message) => void ws.send(message) });
