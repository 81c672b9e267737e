import { expect, test } from "bun:test";
import { password, startTodo } from "./todo-test.ts";

const form = { name: "ada", password };

test("signing in gives another session, signing out ends it", async () => {
  await using todo = startTodo();
  const { api, cookies } = todo;
  await todo.accounts("ada");
  const { headers } = await todo.open();
  const wrong = await api["POST /sign-in"]({ form: { ...form, password: "wrong" }, headers });
  expect(wrong).toMatchObject({ ok: false, status: 401 });
  expect((await api["GET /api/me"]()).status).toBe(401);

  expect(await api["POST /sign-in"]({ form, headers })).toMatchObject({ status: 303 });
  const first = cookies.get("session");
  expect(first).toBeString();
  expect(await api["GET /api/me"]()).toMatchObject({ data: { name: "ada" } });

  // Somebody else's session may be in the browser: it is not the one that is signed in.
  await api["POST /sign-in"]({ form, headers: (await todo.open()).headers });
  const second = cookies.get("session");
  expect(second).not.toBe(first);
  cookies.set("session", String(first));
  expect((await api["GET /api/me"]()).status).toBe(401);
  cookies.set("session", String(second));
  expect((await api["GET /api/me"]()).status).toBe(200);

  await api["POST /sign-out"]({ headers: (await todo.open()).headers });
  expect(cookies.get("session")).toBeUndefined();
  cookies.set("session", String(second));
  expect((await api["GET /api/me"]()).status).toBe(401);
});

test("signing up signs in; what is wrong with it is shown on the page", async () => {
  await using todo = startTodo();
  const { api } = todo;
  const { headers, page } = await todo.open();
  expect(page).toContain("Sign up");
  const bad = await api["POST /sign-up"].response({
    form: { name: "a", password: "short" },
    headers,
  });
  expect(bad.status).toBe(422);
  expect(bad.headers.get("content-type")).toStartWith("text/html");
  expect(await bad.text()).toContain("password: at least 8 characters");
  expect((await api["POST /sign-up"]({ form, headers })).status).toBe(303);
  expect((await todo.open()).page).toContain("ada, admin");
  const taken = await api["POST /sign-up"].response({ form, headers });
  expect(taken.status).toBe(409);
  expect(await taken.text()).toContain("Somebody has this name already.");
});

test("a made-up session is nobody's", async () => {
  await using todo = startTodo();
  await todo.accounts("ada");
  todo.cookies.set("session", "1");
  expect((await todo.api["GET /api/me"]()).status).toBe(401);
  expect((await todo.open()).page).toContain("Sign in");
});
