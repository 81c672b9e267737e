import { expect, test } from "bun:test";
import { startTodo } from "./todo-test.ts";

/** What a socket is sent, one after the other. */
function inbox(socket: WebSocket) {
  const waiting: ((value: unknown) => void)[] = [];
  const kept: unknown[] = [];
  socket.addEventListener("message", ({ data }) => {
    const value: unknown = JSON.parse(String(data));
    const next = waiting.shift();
    if (next === undefined) kept.push(value);
    else next(value);
  });
  return () =>
    kept.length > 0
      ? Promise.resolve(kept.shift())
      : new Promise<unknown>((resolve) => waiting.push(resolve));
}

test("what one says all hear, also who comes later", async () => {
  await using todo = startTodo();
  await todo.accounts("ada", "bob");
  const join = async (name: string) => {
    todo.as(name);
    const socket = await todo.api["WS /api/chat"]();
    return { socket, next: inbox(socket) };
  };
  const ada = await join("ada");
  ada.socket.send(JSON.stringify({ text: " first " }));
  expect(await ada.next()).toMatchObject({ author: "ada", text: "first" });
  const bob = await join("bob");
  expect(await bob.next()).toMatchObject({ author: "ada", text: "first" });
  bob.socket.send(JSON.stringify({ text: "second" }));
  expect(await bob.next()).toMatchObject({ author: "bob", text: "second" });
  expect(await ada.next()).toMatchObject({ author: "bob", text: "second" });
  ada.socket.close();
  bob.socket.close();
});

test("who comes gets the last twenty, in their order", async () => {
  await using todo = startTodo();
  await todo.accounts("ada");
  todo.as("ada");
  const socket = await todo.api["WS /api/chat"]();
  const heard = inbox(socket);
  for (let at = 1; at <= 25; at++) socket.send(JSON.stringify({ text: String(at) }));
  for (let at = 1; at <= 25; at++) await heard();
  const later = await todo.api["WS /api/chat"]();
  const next = inbox(later);
  const got: unknown[] = [];
  for (let at = 0; at < 20; at++) got.push(((await next()) as { text: string }).text);
  expect(got).toEqual(Array.from({ length: 20 }, (_, at) => String(at + 6)));
  socket.close();
  later.close();
});

test("a message that is none is answered with what is wrong, and the talk goes on", async () => {
  await using todo = startTodo();
  await todo.accounts("ada");
  todo.as("ada");
  const socket = await todo.api["WS /api/chat"]();
  const next = inbox(socket);
  for (const bad of [
    '{"text":""}',
    '{"text":7}',
    "{}",
    "no JSON",
    '{"text":"' + "x".repeat(501) + '"}',
  ]) {
    socket.send(bad);
    expect(await next()).toEqual({ problem: expect.any(String) });
  }
  socket.send('{"text":"well"}');
  expect(await next()).toMatchObject({ text: "well" });
  socket.close();
});

test("who is not signed in does not get in", async () => {
  await using todo = startTodo();
  const answer = await todo.api["WS /api/chat"]().then(
    () => "open",
    () => "refused",
  );
  expect(answer).toBe("refused");
});
