import { expect, test } from "bun:test";
import type { Asked } from "../../../test/middleware/asking.ts";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { MethodOverrideOptions } from "./method-override.ts";
import { methodOverride } from "./method-override.ts";

const app = (options?: MethodOverrideOptions) =>
  new App()
    .use(methodOverride(options))
    .get("/a", () => "get")
    .post("/a", ({ method }) => `${method} post`)
    .put("/a", ({ method }) => `${method} put`)
    .delete("/only", async (c) => `deleted ${await c.text()}`);

function asking(method: string, header: string | readonly string[], extra: Asked = {}): Asked {
  const values = typeof header === "string" ? [header] : header;
  return { ...extra, method, headers: values.map((value) => ["X-HTTP-Method-Override", value]) };
}

test("turns a POST into a listed method, also where nothing takes a POST", async () => {
  expect((await ask(app(), "/a", asking("POST", "PUT"))).body).toBe("PUT put");
  expect((await ask(app(), "/a", asking("POST", "put"))).body).toBe("PUT put");
  expect((await ask(app(), "/only", asking("POST", "DELETE", { body: "7" }))).body).toBe(
    "deleted 7",
  );
  expect((await ask(app(), "/a", { method: "POST" })).body).toBe("POST post");
  expect((await ask(app(), "/a", asking("POST", "POST"))).body).toBe("POST post");
  expect((await ask(app(), "/a", asking("POST", "DELETE"))).status).toBe(405);
});

test("turns nothing else", async () => {
  expect((await ask(app(), "/a", asking("GET", "PUT"))).body).toBe("get");
  expect((await ask(app(), "/a", asking("PUT", "DELETE"))).body).toBe("PUT put");
});

test("makes no method that is not listed", async () => {
  for (const method of ["GET", "CONNECT", "PURGE", "PUT, DELETE", "PU\tT", "x".repeat(10_000)]) {
    const answer = await ask(app(), "/a", asking("POST", method));
    expect([answer.status, codeOf(answer)]).toEqual([400, "method_override_refused"]);
    expect(answer.body).not.toContain("PURGE");
  }
  const twice = await ask(app(), "/a", asking("POST", ["PUT", "DELETE"]));
  expect(twice.status).toBe(400);
});

test("reads the query only when told to", async () => {
  expect((await ask(app(), "/a?_method=PUT", { method: "POST" })).body).toBe("POST post");
  const form = app({ header: false, query: "_method" });
  expect((await ask(form, "/a?_method=PUT", { method: "POST" })).body).toBe("PUT put");
  expect((await ask(form, "/a?_method=PUT&_method=DELETE", { method: "POST" })).status).toBe(400);
  expect((await ask(form, "/a?_method=PUT", { method: "GET" })).body).toBe("get");
  expect((await ask(form, "/a", asking("POST", "PUT"))).body).toBe("POST post");
  expect((await ask(form, "/a?__proto__=PUT", { method: "POST" })).body).toBe("POST post");
});

test("refuses names that are wrong or dangerous", () => {
  expect(() => methodOverride({ header: "a b" })).toThrow("invalid header name");
  for (const method of ["put", "P T", ""])
    expect(() => methodOverride({ methods: [method] })).toThrow("is no method");
  for (const method of ["GET", "HEAD", "CONNECT"])
    expect(() => methodOverride({ methods: [method] })).toThrow("leave it out");
});
