import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { SignJWT } from "jose";
import { jwt } from "sluice/auth";
import { startTodo } from "./todo-test.ts";

const issuer = "sluice-todo";
const refused = { ok: false, status: 401, code: "token_refused" };

test("a token says who asks", async () => {
  await using todo = startTodo();
  await todo.accounts("ada", "bob");
  todo.as("bob");
  expect(await todo.api["GET /api/me"]()).toMatchObject({ data: { name: "bob", role: "user" } });
});

test("without one, there is a challenge", async () => {
  await using todo = startTodo();
  const answer = await todo.api["GET /api/me"]();
  expect(answer).toMatchObject({ status: 401, code: "sign_in_required" });
  expect(answer.headers.get("www-authenticate")).toBe("Bearer");
});

test("a token of another key, or altered, is refused", async () => {
  await using todo = startTodo();
  await todo.accounts("ada");
  const key = { secret: "another secret, long enough for HS256 to take it" };
  const foreign = await jwt.issue({}, { key, subject: "1", issuer, expiresIn: "1h" });
  for (const token of [foreign, `${foreign.slice(0, -2)}xx`, "a.b.c", "none"]) {
    todo.withToken(token);
    const answer = await todo.api["GET /api/me"]();
    expect(answer).toMatchObject(refused);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  }
});

test("a token that has expired, of another issuer, or of nobody, is refused", async () => {
  await using todo = startTodo();
  await todo.accounts("ada");
  const db = new Database(join(todo.folder, "todo.db"), { readonly: true });
  const { value: secret } = db.query("SELECT value FROM secrets").get() as { value: string };
  db.close();
  const make = (subject: string, by: string, exp: number) =>
    new SignJWT({ iat: exp - 3600 })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setSubject(subject)
      .setIssuer(by)
      .setExpirationTime(exp)
      .sign(new TextEncoder().encode(secret));
  const now = Math.floor(Date.now() / 1000);
  todo.withToken(await make("1", issuer, now + 600));
  expect(await todo.api["GET /api/me"]()).toMatchObject({ data: { name: "ada" } });
  const bad = [
    await make("1", issuer, now - 3600),
    await make("1", "others", now + 600),
    await make("7", issuer, now + 600),
    await make("ada", issuer, now + 600),
  ];
  for (const token of bad) {
    todo.withToken(token);
    expect(await todo.api["GET /api/me"]()).toMatchObject(refused);
  }
});

test("tokens outlive a restart over the same folder", async () => {
  await using todo = startTodo();
  await todo.accounts("ada");
  todo.as("ada");
  await todo.app.stop();
  expect(await todo.api["GET /api/me"]()).toMatchObject({ data: { name: "ada" } });
});
