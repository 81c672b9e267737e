import { Elysia, t } from "elysia";
import { greeting, hello, report } from "./work.ts";

const NewUser = t.Object({
  name: t.String({ minLength: 1, maxLength: 100 }),
  email: t.String({ format: "email" }),
  age: t.Integer({ minimum: 0, maximum: 150 }),
  tags: t.Array(t.String(), { maxItems: 10 }),
});

const layered = new Elysia();
for (const name of ["x-a", "x-b", "x-c", "x-d", "x-e"]) {
  layered.onAfterHandle(({ set }) => {
    set.headers[name] = "1";
  });
}
layered.get("/layers", () => hello());

new Elysia()
  .get("/hello", () => hello())
  .get("/json", () => greeting())
  .get("/users/:id", ({ params }) => ({ id: params.id }))
  .post("/users", ({ body }) => ({ id: 1, ...body }), { body: NewUser })
  .get("/big", () => report())
  .use(layered)
  .listen({ hostname: "127.0.0.1", port: Number(process.argv[2]) });
