import { expect, test } from "bun:test";
import { startTodo } from "./todo-test.ts";

test("users see their own todos, an admin sees all", async () => {
  await using todo = startTodo();
  await todo.accounts("ada", "bob", "eve");
  for (const name of ["bob", "eve"]) {
    todo.as(name);
    await todo.api["POST /api/todos"]({ json: { title: `of ${name}` } });
  }
  expect(await todo.api["GET /api/todos"]()).toMatchObject({ data: [{ title: "of eve" }] });
  todo.as("ada");
  const all = await todo.api["GET /api/todos"]();
  expect(all).toMatchObject({ data: [{ owner: "eve" }, { owner: "bob" }] });
});

test("what is another's is not there", async () => {
  await using todo = startTodo();
  await todo.accounts("ada", "bob");
  todo.as("ada");
  await todo.api["POST /api/todos"]({ json: { title: "of ada" } });
  todo.as("bob");
  const { api } = todo;
  const params = { id: 1 };
  const answers = [
    await api["GET /api/todos/:id"]({ params }),
    await api["PATCH /api/todos/:id"]({ params, json: { done: true } }),
    await api["DELETE /api/todos/:id"]({ params }),
    await api["GET /api/todos/:id/attachment"]({ params }),
    await api["PUT /api/todos/:id/attachment"]({
      params,
      form: { file: new File(["x"], "x.txt", { type: "text/plain" }) },
    }),
  ];
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 404, code: "todo_not_found" });
  todo.as("ada");
  expect(await api["GET /api/todos/:id"]({ params })).toMatchObject({
    data: { title: "of ada", done: false },
  });
});

test("the list of accounts is for admins", async () => {
  await using todo = startTodo();
  await todo.accounts("ada", "bob");
  todo.as("bob");
  expect(await todo.api["GET /api/users"]()).toMatchObject({ ok: false, status: 403 });
  todo.as("ada");
  const all = await todo.api["GET /api/users"]();
  expect(all).toMatchObject({ data: [{ name: "ada" }, { name: "bob" }] });
  expect(JSON.stringify(all.ok && all.data)).not.toContain("assword");
});
