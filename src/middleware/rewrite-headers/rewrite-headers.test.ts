import { expect, test } from "bun:test";
import { ask } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import { middleware } from "../../core/middleware.ts";
import { Reply } from "../../core/reply.ts";
import { HeaderList } from "../../http/header-list.ts";
import type { RewriteHeadersOptions } from "./rewrite-headers.ts";
import { rewriteHeaders } from "./rewrite-headers.ts";

const constant = new HeaderList(["Link", "<http://a/>, <http://b/>", "Server", "x"]).freeze();

/** Fields as the handler and as the client gets them. */
async function changed(options: RewriteHeadersOptions, headers: Record<string, string> = {}) {
  let seen: Record<string, string> = {};
  const pending = middleware("pending", (c, next) => {
    c.headers.set("X-Pending", "http://p/");
    return next();
  });
  const app = new App().use(rewriteHeaders(options), pending).add({
    path: "/*",
    handler: (c) => {
      seen = Object.fromEntries([...c.exchange.headers].map(([k, v]) => [k.toLowerCase(), v]));
      return new Reply(null, 204, constant);
    },
  });
  const answer = await ask(app, "/a/b?c=%0d%0aX: y", { headers });
  return { seen, sent: answer.headers };
}

test("first what goes, then what is set, then what is added, then what is replaced", async () => {
  const changes = {
    remove: ["x-a"],
    set: { "X-B": "1" },
    add: { "X-B": "2" },
    replace: [{ name: "x-b", from: "2", to: "3" }],
  };
  const { seen, sent } = await changed(
    { request: changes, response: changes },
    { "x-a": "a", "x-b": "b" },
  );
  expect([seen["x-a"], seen["x-b"]]).toEqual([undefined, "3"]);
  expect(sent["x-b"]).toBe("1, 3");
});

test("values are put in where that is said, and break out of no line", async () => {
  const request = { set: { "X-Path": "${path}", "X-Query": "${query:c}" } };
  const said = await changed({ request, values: true });
  expect([said.seen["x-path"], said.seen["x-query"]]).toEqual(["/a/b", "%0D%0AX: y"]);
  expect((await changed({ request })).seen["x-path"]).toBe("${path}");
});

test("text is replaced in every field of the name, by expressions too, in pending ones as well", async () => {
  const replace = [
    { name: "Link", from: "http://", to: "https://" },
    { name: "X-Pending", from: "~^http://(.)/$", to: "https://$1.example${path}" },
    { name: "X-None", from: "a", to: "b" },
  ];
  const { sent } = await changed({ response: { replace } });
  expect(sent["link"]).toBe("<https://a/>, <https://b/>");
  expect(sent["x-pending"]).toBe("https://p.example/a/b");
  expect(sent["x-none"]).toBeUndefined();
  expect(constant.get("link")).toBe("<http://a/>, <http://b/>");
});

test("what is set stays also where a client lists it in Connection", async () => {
  const { seen } = await changed(
    { request: { set: { "X-From": "edge" } } },
    { connection: "close, x-from" },
  );
  expect([seen["connection"], seen["x-from"]]).toEqual(["close", "edge"]);
});

test("what cannot be is refused at start", () => {
  const wrong: RewriteHeadersOptions[] = [
    { request: { set: { "a b": "c" } } },
    { response: { add: { a: "b\n" } } },
    { response: { remove: ["a b"] } },
    { response: { replace: [{ name: "a b", from: "a", to: "b" }] } },
    { response: { replace: [{ name: "a", from: "~(", to: "b" }] } },
    { request: { set: { a: "${hots}" } }, values: true },
  ];
  for (const options of wrong) expect(() => rewriteHeaders(options)).toThrow();
});
