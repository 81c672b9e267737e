import { expect, test } from "bun:test";
import { ask } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import { trustedProxy } from "../trusted-proxy/trusted-proxy.ts";
import { requestId } from "./request-id.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const proxied = () =>
  new App()
    .use(trustedProxy({ trust: ["10.0.0.0/8"] }), requestId())
    .get("/", ({ vars }) => vars.requestId);

test("makes an id, for the handler and the client", async () => {
  const app = new App().use(requestId()).get("/", ({ vars }) => vars.requestId);
  const first = await ask(app, "/");
  expect(first.body).toMatch(UUID);
  expect(first.headers["x-request-id"]).toBe(first.body);
  expect((await ask(app, "/")).body).not.toBe(first.body);
});

test("is on errors too", async () => {
  const app = new App().use(requestId()).get("/", () => {
    throw new Error("broken");
  });
  for (const target of ["/", "/missing"])
    expect((await ask(app, target)).headers["x-request-id"]).toMatch(UUID);
});

test("takes the id of a trusted proxy, and of nobody else", async () => {
  const headers = { "X-Request-Id": "edge-1" };
  expect((await ask(proxied(), "/", { from: "10.1.1.1", headers })).body).toBe("edge-1");
  expect((await ask(proxied(), "/", { from: "192.0.2.1", headers })).body).toMatch(UUID);
});

test("accepts always or never when told so", async () => {
  const headers = { "X-Correlation-Id": "a.b~c:1/2=@" };
  const app = (accept: "always" | "never") =>
    new App()
      .use(requestId({ header: "X-Correlation-Id", accept, generate: () => "made" }))
      .get("/", ({ vars }) => vars.requestId);
  expect((await ask(app("always"), "/", { headers })).body).toBe("a.b~c:1/2=@");
  expect((await ask(app("never"), "/", { headers })).body).toBe("made");
});

test("replaces what is no id", async () => {
  const ids = [
    "",
    " ",
    "a b",
    "a,b",
    "<script>",
    "x".repeat(129),
    "\u00e9",
    "-lead",
    "a\tb",
    '"a"',
  ];
  for (const id of ids) {
    const headers = { "X-Request-Id": id };
    const { body } = await ask(proxied(), "/", { from: "10.1.1.1", headers });
    expect([id, UUID.test(body)]).toEqual([id, true]);
  }
});

test("replaces ids that contradict each other", async () => {
  const headers = [
    ["X-Request-Id", "one"],
    ["x-request-id", "two"],
  ] as const;
  expect((await ask(proxied(), "/", { from: "10.1.1.1", headers })).body).toMatch(UUID);
});

test("refuses a header that is none", () => {
  expect(() => requestId({ header: "X Id" })).toThrow("invalid header name");
});

test("is a field of the request for what is inside where that is asked for, in place of the client's", async () => {
  for (const forward of [true, false]) {
    const app = new App()
      .use(requestId({ forward, generate: () => "made" }))
      .get("/", ({ requestHeaders }) => requestHeaders.getAll("x-request-id").join(" and "));
    const headers = { "x-request-id": "theirs" };
    expect((await ask(app, "/", { headers })).body).toBe(forward ? "made" : "theirs");
    expect((await ask(app, "/")).body).toBe(forward ? "made" : "");
  }
});
