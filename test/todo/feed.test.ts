import { expect, test } from "bun:test";
import { startTodo } from "./todo-test.ts";

test("changes arrive as they happen, and who comes back is told what was missed", async () => {
  await using todo = startTodo();
  await todo.accounts("ada", "bob");
  const { api } = todo;
  todo.as("bob");
  const feed = api["GET /api/changes"].events();
  // Has no end before something happens.
  const first = feed.next();
  const params = { id: 1 };
  await api["POST /api/todos"]({ json: { title: "x" } });
  await api["PATCH /api/todos/:id"]({ params, json: { done: true } });
  await api["DELETE /api/todos/:id"]({ params });
  expect((await first).value).toMatchObject({ data: '{"todoId":1}' });
  await feed.return();

  const again = api["GET /api/changes"].events({ headers: { "last-event-id": "1" } });
  expect((await again.next()).value).toMatchObject({ lastEventId: "2", event: "changed" });
  expect((await again.next()).value).toMatchObject({ lastEventId: "3", event: "deleted" });
  await api["POST /api/todos"]({ json: { title: "live" } });
  expect((await again.next()).value).toMatchObject({
    lastEventId: "4",
    event: "created",
    data: '{"todoId":2}',
  });
  await again.return();
});

test("users hear of their own todos, an admin of all", async () => {
  await using todo = startTodo();
  await todo.accounts("ada", "bob", "eve");
  const { api } = todo;
  for (const name of ["eve", "bob"]) {
    todo.as(name);
    await api["POST /api/todos"]({ json: { title: name } });
  }
  const heard = async (name: string) => {
    todo.as(name);
    const feed = api["GET /api/changes"].events({ headers: { "last-event-id": "0" } });
    const event = (await feed.next()).value;
    await feed.return();
    return event?.data;
  };
  expect(await heard("bob")).toBe('{"todoId":2}');
  expect(await heard("ada")).toBe('{"todoId":1}');
});

test("the feed is not for everybody", async () => {
  await using todo = startTodo();
  const answer = await todo.api["GET /api/changes"].response();
  expect(answer.status).toBe(401);
});
