import { expect, test } from "bun:test";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import { trustedProxy } from "../trusted-proxy/trusted-proxy.ts";
import { maintenance } from "./maintenance.ts";

test("is switched on and off while it runs", async () => {
  const closed = maintenance();
  const app = new App().use(closed).get("/", () => "open");
  expect((await ask(app, "/")).body).toBe("open");
  closed.active = true;
  const answer = await ask(app, "/");
  expect([answer.status, codeOf(answer)]).toEqual([503, "maintenance"]);
  expect(answer.headers).toMatchObject({ "retry-after": "300", "cache-control": "no-store" });
  expect((await ask(app, "/missing")).status).toBe(503);
  closed.active = false;
  expect((await ask(app, "/")).body).toBe("open");
});

test("lets some clients and some paths through", async () => {
  const layer = maintenance({
    active: true,
    allow: ["10.0.0.0/8"],
    except: ["/healthz"],
    retryAfter: "90s",
  });
  const app = new App()
    .use(trustedProxy({ trust: ["192.0.2.1"] }), layer)
    .get("/", () => "open")
    .get("/healthz", () => "ok");
  const headers = { "X-Forwarded-For": "10.1.2.3" };
  expect((await ask(app, "/", { from: "10.9.9.9" })).body).toBe("open");
  expect((await ask(app, "/", { from: "192.0.2.1", headers })).body).toBe("open");
  expect((await ask(app, "/", { from: "192.0.2.2", headers })).status).toBe(503);
  expect((await ask(app, "/%68ealthz")).body).toBe("ok");
  const answer = await ask(app, "/healthz/x");
  expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "90"]);
});

test("shows a page of one's own, with the status it must have", async () => {
  const pages = [() => "soon", () => new Response("soon", { headers: { "X-Own": "1" } })];
  for (const page of pages) {
    const app = new App().use(maintenance({ active: true, page }));
    const { status, body, headers } = await ask(app, "/");
    expect([status, body, headers["retry-after"]]).toEqual([503, "soon", "300"]);
  }
  const message = 'back at "six"';
  const app = new App().use(maintenance({ active: true, message }));
  expect(JSON.parse((await ask(app, "/")).body)).toMatchObject({ detail: message });
});

test("refuses what it cannot use", () => {
  expect(() => maintenance({ allow: ["office"] })).toThrow('"office"');
  expect(() => maintenance({ retryAfter: "soon" })).toThrow("is not a duration");
});
