import { expect, test } from "bun:test";
import { password, startTodo } from "./todo-test.ts";

test("the first account is an admin, the next are users", async () => {
  await using todo = startTodo();
  const add = (name: string) => todo.api["POST /api/users"]({ json: { name, password } });
  expect(await add("ada")).toMatchObject({
    status: 201,
    data: { id: 1, name: "ada", role: "admin" },
  });
  expect(await add("bob")).toMatchObject({
    status: 201,
    data: { id: 2, name: "bob", role: "user" },
  });
});

test("a name is taken in any case of its letters, by one of two who come at once", async () => {
  await using todo = startTodo();
  const add = (name: string) => todo.api["POST /api/users"]({ json: { name, password } });
  const answers = await Promise.all([add("ada"), add("Ada")]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  expect(await add("ADA")).toMatchObject({ ok: false, code: "name_taken" });
});

test("a wrong password and a name that nobody has are answered alike", async () => {
  await using todo = startTodo();
  await todo.accounts("ada");
  const enter = (name: string, word: string) =>
    todo.api["POST /api/token"]({ json: { name, password: word } });
  const wrong = await enter("ada", "battery staple");
  expect(wrong).toMatchObject({ ok: false, status: 401, code: "wrong_credentials" });
  expect(await enter("eve", password)).toMatchObject({ code: wrong.ok ? "" : wrong.code });
  expect((await enter("ada", password)).ok).toBe(true);
});

test("what an account may be called, and how short a password is", async () => {
  await using todo = startTodo();
  const answer = await todo.api["POST /api/users"]({ json: { name: "a b", password: "short" } });
  expect(answer).toMatchObject({
    status: 422,
    code: "invalid_input",
    errors: [{ path: ["name"] }, { path: ["password"] }],
  });
});

test("who tries too often waits, whether the attempts succeed or not", async () => {
  await using todo = startTodo(3);
  const attempt = () => todo.api["POST /api/token"]({ json: { name: "ada", password } });
  const answers = [await attempt(), await attempt(), await attempt(), await attempt()];
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429]);
  expect(Number(answers[3]?.headers.get("retry-after"))).toBeGreaterThan(0);
});
