// An App of a module on a route of a gateway: behind its middleware, beside other actions.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { asker, gatewayOf, withServer } from "./with-gateway.ts";

const module = (name: string) => `
import { App, error } from ${JSON.stringify(join(import.meta.dir, "../../src/index.ts"))};
const Teapot = error(418, "teapot", "short and stout");
export const app = new App({ name: ${JSON.stringify(name)} })
  .get("/api/users/:id", ({ params, state, ip }) => \`\${state.name} \${params.id} \${ip}\`)
  .get("/api/tea", () => { throw new Teapot(); })
  .get("/api/broken", () => { throw new Error("secret"); })
  .post("/api/echo", async (c) => \`\${await c.text()} of \${c.host}\`);
export default new App().get("/api/users/:id", () => "the default one");
`;

const config = `
[server]
trusted_proxies = ["loopback"]
[middleware]
request_id = {}
[[route]]
match.path = "/api/*"
action = { type = "app", module = "app.ts" }
middleware.body_limit = 10
[[route]]
match = { path = "/api/*", host = "never.test" }
action = { type = "app", module = "app.ts", export = "default" }
priority = 1
[[route]]
action = { type = "respond", status = 404, body = "of the gateway" }
`;

test("answers its routes, within the middleware of the gateway", async () => {
  const ask = await asker(config, { files: { "app.ts": module("one") } });
  const user = await ask("/api/users/7");
  expect(await user.text()).toStartWith("one 7 ");
  expect(user.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  const echo = await ask("/api/echo", { method: "POST", body: "hi" });
  expect(await echo.text()).toBe("hi of x.test");
  expect((await ask("/api/echo", { method: "POST", body: "h".repeat(11) })).status).toBe(413);
  expect(await (await ask("/api/users/7", { host: "never.test" })).text()).toBe("the default one");
  expect(await (await ask("/other")).text()).toBe("of the gateway");
});

test("errors are its own, with the fields of the gateway's middleware", async () => {
  const ask = await asker(config, { files: { "app.ts": module("one") } });
  for (const [path, status, code] of [
    ["/api/tea", 418, "teapot"],
    ["/api/broken", 500, "internal"],
    ["/api/nowhere", 404, "not_found"],
    ["/api/echo", 405, "method_not_allowed"],
  ] as const) {
    const answer = await ask(path);
    const text = await answer.text();
    expect({ path, status: answer.status, text }).toMatchObject({ path, status });
    expect(text).toContain(code);
    expect(text).not.toContain("secret");
    expect(answer.headers.get("x-request-id")).not.toBeNull();
  }
});

test("a module that cannot be used says why", async () => {
  const refused = (files: Record<string, string>) =>
    gatewayOf(config, { files }).then(
      () => "nothing",
      (error: Error) => error.message,
    );
  expect(await refused({})).toContain("there is no module");
  expect(await refused({ "app.ts": "export const other = 1;" })).toContain(
    "must export an App as `app` or as default: it exports other",
  );
  expect(await refused({ "app.ts": "throw new Error('at start');" })).toContain("at start");
  expect(await refused({ "app.ts": "export const app = {;" })).toContain("cannot load");
});

test("sees the client that a trusted proxy tells of", async () => {
  const { app } = await gatewayOf(config, { files: { "app.ts": module("one") } });
  await withServer(app, async (port) => {
    const headers = {
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "shop.test",
    };
    const user = await fetch(`http://127.0.0.1:${port}/api/users/7`, { headers });
    expect(await user.text()).toBe("one 7 203.0.113.9");
    const echo = await fetch(`http://127.0.0.1:${port}/api/echo`, {
      method: "POST",
      body: "hi",
      headers,
    });
    expect(await echo.text()).toBe("hi of shop.test");
  });
});
