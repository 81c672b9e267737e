import { expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { startTodo } from "./todo-test.ts";

type Operation = { summary?: string; tags?: string[]; security?: object[]; responses: object };
type Document = { paths: Record<string, Record<string, Operation>> };

test("the document is valid and names every route of the API", async () => {
  await using todo = startTodo();
  const document = (await (
    await todo.app.fetch(new Request("http://localhost/openapi.json"))
  ).json()) as Document;
  expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  );
  expect(
    operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).toSorted(),
  ).toEqual([
    "DELETE /api/todos/{id}",
    "GET /api/changes",
    "GET /api/me",
    "GET /api/todos",
    "GET /api/todos/{id}",
    "GET /api/todos/{id}/attachment",
    "GET /api/users",
    "PATCH /api/todos/{id}",
    "POST /api/todos",
    "POST /api/token",
    "POST /api/users",
    "PUT /api/todos/{id}/attachment",
  ]);
  const open = ["/api/token post", "/api/users post"];
  for (const { method, path, operation } of operations) {
    const security = open.includes(`${path} ${method}`) ? undefined : expect.any(Array);
    expect([path, method, operation.security]).toEqual([path, method, security]);
    expect([path, operation.summary]).toEqual([path, expect.any(String)]);
  }
});

test("the page needs nobody's leave, and nothing from elsewhere", async () => {
  await using todo = startTodo();
  const page = await todo.app.fetch(new Request("http://localhost/docs"));
  expect(page.status).toBe(200);
  expect(await page.text()).not.toMatch(/https?:\/\//);
});
