import { expect, test } from "bun:test";
import { password, startTodo } from "./todo-test.ts";

const form = { name: "ada", password };
const refused = { ok: false, status: 403, code: "csrf_token_invalid" };

test("a cookie without the page's token changes nothing", async () => {
  await using todo = startTodo();
  const { api } = todo;
  const { headers } = await todo.open();
  await api["POST /sign-up"]({ form, headers });
  const json = { title: "x" };
  expect(await api["POST /api/todos"]({ json })).toMatchObject(refused);
  const wrong = { "x-csrf-token": "guessed" };
  expect(await api["POST /api/todos"]({ json, headers: wrong })).toMatchObject(refused);
  expect(await api["GET /api/todos"]()).toMatchObject({ data: [] });
  const token = (await todo.open()).headers;
  expect(await api["POST /api/todos"]({ json, headers: token })).toMatchObject({ status: 201 });
});

test("nobody is signed in or out by another site", async () => {
  await using todo = startTodo();
  const { api } = todo;
  const { headers } = await todo.open();
  expect((await api["POST /sign-up"]({ form })).status).toBe(403);
  await api["POST /sign-up"]({ form, headers });
  const elsewhere = { ...(await todo.open()).headers, "sec-fetch-site": "cross-site" };
  expect((await api["POST /sign-out"]({ headers: elsewhere })).status).toBe(403);
  expect((await api["GET /api/me"]()).status).toBe(200);
});

test("a token of a program needs none", async () => {
  await using todo = startTodo();
  await todo.accounts("ada");
  todo.as("ada");
  expect(await todo.api["POST /api/todos"]({ json: { title: "x" } })).toMatchObject({
    status: 201,
  });
});
