import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startTodo } from "./todo-test.ts";

const params = { id: 1 };
const bytes = new Uint8Array(70_000).map((_, at) => (at * 7) & 255);

async function withTodo() {
  const todo = startTodo();
  await todo.accounts("ada");
  todo.as("ada");
  await todo.api["POST /api/todos"]({ json: { title: "pictures" } });
  const put = (data: BlobPart, name: string, type: string) =>
    todo.api["PUT /api/todos/:id/attachment"]({
      params,
      form: { file: new File([data], name, { type }) },
    });
  const kept = () => readdirSync(join(todo.folder, "attachments"));
  return Object.assign(todo, { put, kept });
}

test("a file comes back as it was, to be saved and not shown", async () => {
  await using todo = await withTodo();
  const answer = await todo.put(bytes, "canal é.png", "image/png");
  expect(answer).toMatchObject({
    ok: true,
    data: { attachment: { name: "canal é.png", type: "image/png", size: bytes.length } },
  });
  const file = await todo.api["GET /api/todos/:id/attachment"].response({ params });
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes);
  expect(file.headers.get("content-type")).toBe("image/png");
  expect(file.headers.get("content-disposition")).toStartWith("attachment;");
  expect(file.headers.get("content-disposition")).toContain("filename*=UTF-8''canal%20%C3%A9.png");
  expect(file.headers.get("x-content-type-options")).toBe("nosniff");
});

test("there is one file of a todo, and none once it is deleted", async () => {
  await using todo = await withTodo();
  expect(await todo.api["GET /api/todos/:id/attachment"]({ params })).toMatchObject({
    status: 404,
    code: "no_attachment",
  });
  await todo.put("first", "a.txt", "text/plain");
  await todo.put("second", "b.txt", "text/plain");
  expect(
    todo.kept().map((name) => readFileSync(join(todo.folder, "attachments", name), "utf8")),
  ).toEqual(["second"]);
  await todo.api["DELETE /api/todos/:id"]({ params });
  expect(todo.kept()).toEqual([]);
});

test.each([
  ["<script>alert(1)</script>", "page.html", "text/html"],
  ["<svg/>", "a.svg", "image/svg+xml"],
  ["x", "a.txt", "text/plain-not"],
  ["x", "a.txt", ""],
  ["", "empty.txt", "text/plain"],
])("%j as %s of type %j is refused", async (data, name, type) => {
  await using todo = await withTodo();
  const answer = await todo.put(data, name, type);
  expect(answer).toMatchObject({ status: 422, errors: [{ in: "body", path: ["file"] }] });
  expect(await todo.api["GET /api/todos/:id"]({ params })).not.toHaveProperty("data.attachment");
});

test("more than a mebibyte is too large, and leaves nothing", async () => {
  await using todo = await withTodo();
  const answer = await todo.put(new Uint8Array(1024 * 1024), "big.png", "image/png");
  expect(answer).toMatchObject({ ok: false, status: 413 });
  expect((await todo.put("small", "small.txt", "text/plain")).ok).toBe(true);
  expect(todo.kept()).toHaveLength(1);
});

test("a body that is no form is refused", async () => {
  await using todo = await withTodo();
  const answer = await todo.app.fetch(
    new Request("http://localhost/api/todos/1/attachment", {
      method: "PUT",
      headers: { authorization: "Bearer x", "content-type": "image/png" },
      body: "x",
    }),
  );
  expect(answer.status).toBe(401);
  const json = await todo.api["PUT /api/todos/:id/attachment"].response({
    params,
    body: "{}",
    headers: { "content-type": "application/json" },
  } as never);
  expect(json.status).toBe(415);
});

test.each(["../../etc/passwd.txt", "..\\..\\x.txt", "/abs.txt", "..", 'x"\r\nSet-Cookie: a=b'])(
  "a file named %j stays in the folder, under another name",
  async (name) => {
    await using todo = await withTodo();
    const answer = await todo.put("text", name, "text/plain");
    expect(answer.ok).toBe(true);
    const stored = answer.ok ? answer.data.attachment?.name : undefined;
    expect(stored).toMatch(/^[^/\\\0\r\n"]+$/);
    expect(stored).not.toStartWith("..");
    expect(todo.kept()).toHaveLength(1);
    expect(todo.kept()[0]).toMatch(/^[0-9a-f-]{36}\.txt$/);
    const file = await todo.api["GET /api/todos/:id/attachment"].response({ params });
    expect(await file.text()).toBe("text");
    expect(file.headers.has("set-cookie")).toBe(false);
  },
);

test("a name with a NUL in it is refused", async () => {
  await using todo = await withTodo();
  expect((await todo.put("text", "a\0b.txt", "text/plain")).status).toBe(400);
});
