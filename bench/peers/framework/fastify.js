import fastify from "fastify";
import { greeting, hello, report } from "./work.js";

const schema = {
  body: {
    type: "object",
    required: ["name", "email", "age", "tags"],
    additionalProperties: false,
    properties: {
      name: { type: "string", minLength: 1, maxLength: 100 },
      email: { type: "string", format: "email" },
      age: { type: "integer", minimum: 0, maximum: 150 },
      tags: { type: "array", maxItems: 10, items: { type: "string" } },
    },
  },
};

const app = fastify();
app.get("/hello", async () => hello());
app.get("/json", async () => greeting());
app.get("/users/:id", async ({ params }) => ({ id: params.id }));
app.post("/users", { schema }, async ({ body }) => ({ id: 1, ...body }));
app.get("/big", async () => report());
await app.register(async (inner) => {
  for (const name of ["x-a", "x-b", "x-c", "x-d", "x-e"]) {
    inner.addHook("onSend", async (_request, reply) => {
      reply.header(name, "1");
    });
  }
  inner.get("/layers", async () => hello());
});
await app.listen({ host: "127.0.0.1", port: Number(process.argv[2]) });
