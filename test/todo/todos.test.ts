import { expect, test } from "bun:test";
import { startTodo } from "./todo-test.ts";

test("a todo is added, changed, found and deleted", async () => {
  await using todo = startTodo();
  await todo.accounts("ada");
  todo.as("ada");
  const { api } = todo;
  const added = await api["POST /api/todos"]({ json: { title: "  Water the plants " } });
  expect(added).toMatchObject({
    status: 201,
    data: { id: 1, title: "Water the plants", done: false },
  });
  await api["POST /api/todos"]({ json: { title: "Read 100% of it" } });
  const params = { id: 1 };
  const changed = await api["PATCH /api/todos/:id"]({ params, json: { done: true } });
  expect(changed).toMatchObject({ data: { title: "Water the plants", done: true } });
  const titles = async (query: object) => {
    const list = await api["GET /api/todos"]({ query: { ...query } });
    return list.ok ? list.data.map(({ title }) => title) : list.code;
  };
  expect(await titles({})).toEqual(["Read 100% of it", "Water the plants"]);
  expect(await titles({ done: "true" })).toEqual(["Water the plants"]);
  expect(await titles({ done: "false" })).toEqual(["Read 100% of it"]);
  expect(await titles({ search: "0%" })).toEqual(["Read 100% of it"]);
  expect(await titles({ search: "_" })).toEqual([]);
  expect((await api["DELETE /api/todos/:id"]({ params })).status).toBe(204);
  expect(await api["GET /api/todos/:id"]({ params })).toMatchObject({ code: "todo_not_found" });
});

test.each([
  [{ title: "" }, "say what is to be done"],
  [{ title: " \t" }, "say what is to be done"],
  [{ title: "x".repeat(201) }, "Too big"],
  [{ title: 7 }, "expected string"],
  [{}, "expected string"],
])("%j is no new todo", async (json, message) => {
  await using todo = startTodo();
  await todo.accounts("ada");
  todo.as("ada");
  const answer = await todo.api["POST /api/todos"]({ json: json as { title: string } });
  expect(answer).toMatchObject({
    status: 422,
    code: "invalid_input",
    errors: [{ path: ["title"] }],
  });
  expect(JSON.stringify(answer)).toContain(message);
});

test("a change changes something, and an id is a number", async () => {
  await using todo = startTodo();
  await todo.accounts("ada");
  todo.as("ada");
  const { api } = todo;
  await api["POST /api/todos"]({ json: { title: "x" } });
  const nothing = await api["PATCH /api/todos/:id"]({ params: { id: 1 }, json: {} });
  expect(nothing).toMatchObject({ status: 422, errors: [{ in: "body" }] });
  for (const id of ["x", "-1", "0", "1.5", "1e300"]) {
    const answer = await api["GET /api/todos/:id"]({ params: { id } });
    expect(answer).toMatchObject({ status: 422, errors: [{ in: "params", path: ["id"] }] });
  }
  const list = await api["GET /api/todos"]({ query: { done: "perhaps" } as object });
  expect(list).toMatchObject({ status: 422, errors: [{ in: "query", path: ["done"] }] });
});

test("what is put in a page is text there", async () => {
  await using todo = startTodo();
  await todo.accounts("ada");
  todo.as("ada");
  await todo.api["POST /api/todos"]({ json: { title: `<img src=x onerror="alert(1)">` } });
  const { page } = await todo.open();
  expect(page).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
  expect(page).not.toContain("<img");
});
