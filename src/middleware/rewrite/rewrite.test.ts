import { describe, expect, test } from "bun:test";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import { middleware } from "../../core/middleware.ts";
import { requestId } from "../request-id/request-id.ts";
import type { RewriteRule } from "./rewrite-rule.ts";
import { rewrite } from "./rewrite.ts";

/** What an address becomes: the target, or the code of the error. */
async function becomes(target: string, ...rules: RewriteRule[]): Promise<string> {
  const app = new App().use(rewrite(rules)).get("/*", (c) => c.exchange.target);
  const answer = await ask(app, target);
  return answer.status === 200 ? answer.body : codeOf(answer);
}

describe("a pattern", () => {
  const post = { match: /^\/articles\/(\d+)$/, to: "/posts/$1" };

  test("puts its groups in their places", async () => {
    expect(await becomes("/articles/7", post)).toBe("/posts/7");
    expect(await becomes("/articles/x", post)).toBe("/articles/x");
    const named = { match: /^\/(?<lang>[a-z]{2})\/(.+)$/, to: "/$2/$<lang>/$$" };
    expect(await becomes("/de/guide/a", named)).toBe("/guide/a/de/$");
    expect(await becomes("/x", { match: /^\/x(y)?$/, to: "/z$1" })).toBe("/z");
  });

  test("keeps the query, behind its own", async () => {
    expect(await becomes("/articles/7?a=1&b=%20", post)).toBe("/posts/7?a=1&b=%20");
    const query = { match: /^\/item\/(.+)$/, to: "/item?id=$1" };
    expect(await becomes("/item/7", query)).toBe("/item?id=7");
    expect(await becomes("/item/7?a=1", query)).toBe("/item?id=7&a=1");
  });

  test("cannot be made to add a key to the query", async () => {
    const query = { match: /^\/item\/(.+)$/, to: "/item?id=$1" };
    expect(await becomes("/item/7&admin=1", query)).toBe("/item?id=7%26admin%3D1");
    expect(await becomes("/item/a+b%26c%23/%C3%A9", query)).toBe("/item?id=a%2Bb%26c%23/%C3%A9");
  });

  test("sees the canonical path, however it was spelt", async () => {
    for (const target of ["/%61rticles/7", "/x/../articles/7", "//articles/7"])
      expect(await becomes(target, post)).toBe("/posts/7");
  });

  test("cannot be led out of its place by dot segments", async () => {
    const dotted = { match: /^\/d(\.*)e$/, to: "/files/$1" };
    for (const target of ["/d.e", "/d..e"])
      expect(await becomes(target, dotted)).toBe("rewrite_unsafe");
    expect(await becomes("/d...e", dotted)).toBe("/files/...");
    expect(await becomes("/de", dotted)).toBe("/files/");
    const escaped = { match: /^\/e(.)$/, to: "/files/.%2$1/x" };
    expect(await becomes("/ee", escaped)).toBe("rewrite_unsafe");
    expect(await becomes("/e2", escaped)).toBe("/files/.%22/x");
    expect(await becomes("/ex", escaped)).toBe("rewrite_unsafe");
  });

  test("is the same on every request, whatever its flags", async () => {
    const app = new App()
      .use(
        rewrite([
          { match: /a/gy, to: "/b" },
          { match: /A/i, to: "/b" },
        ]),
      )
      .get("/*", ({ path }) => path);
    for (let i = 0; i < 3; i++) expect((await ask(app, "/A")).body).toBe("/b");
  });

  test("is refused where it cannot be right", () => {
    for (const [to, hint] of [
      ["/x$2", "has one group"],
      ["/x$<name>", "no group of that name"],
      ["x", 'beginning with "/"'],
      ["https://other.example/", 'beginning with "/"'],
      ["/${hots}", "no variable"],
      ["/$x", "begins no $1"],
      ["/a b", "in ASCII"],
      ["/a\r\nX: y", "in ASCII"],
      ["/a#b", 'without "#"'],
    ])
      expect(() => rewrite([{ match: /(.)/, to: to as string }])).toThrow(hint as string);
  });
});

describe("a prefix", () => {
  test("is cut off where it is one", async () => {
    const strip = { strip: "/api/" };
    expect(await becomes("/api/users?a=1", strip)).toBe("/users?a=1");
    expect(await becomes("/api", strip)).toBe("/");
    expect(await becomes("/apix", strip)).toBe("/apix");
    expect(await becomes("/a%70i/users", strip)).toBe("/users");
  });

  test("is put before what does not have it", async () => {
    const add = { add: "/v1" };
    expect(await becomes("/users?a=1", add)).toBe("/v1/users?a=1");
    expect(await becomes("/v1/users", add)).toBe("/v1/users");
    expect(await becomes("/v10", add)).toBe("/v1/v10");
  });

  test("is refused where it is none", () => {
    for (const prefix of ["", "/", "api", "/../a", "/a\n"])
      expect(() => rewrite([{ strip: prefix }])).toThrow("use a path");
  });
});

test("the first rule that says something decides", async () => {
  const rules = [{ strip: "/a" }, { match: /^\/a\/b$/, to: "/second" }, { strip: "/c" }];
  expect(await becomes("/a/b", ...rules)).toBe("/b");
  expect(await becomes("/c/d", ...rules)).toBe("/d");
});

test("the query is dropped when it is to be", async () => {
  const app = new App()
    .use(rewrite([{ strip: "/a" }], { query: "drop" }))
    .get("/*", (c) => c.exchange.target);
  expect((await ask(app, "/a/b?x=1")).body).toBe("/b");
});

describe("what is routed anew", () => {
  test("finds the route's parameters, methods and middleware", async () => {
    const secret = middleware("secret", () => new Response("secret", { status: 401 }));
    const app = new App()
      .use(rewrite([{ strip: "/api" }]))
      .get("/users/:id", ({ params }) => `user ${params.id}`)
      .post("/users", async (c) => `made ${await c.text()}`)
      .group([secret], (inner) => inner.get("/admin", () => "admin"));
    expect((await ask(app, "/api/users/7")).body).toBe("user 7");
    expect((await ask(app, "/api/users", { method: "POST", body: "Ada" })).body).toBe("made Ada");
    expect((await ask(app, "/api/users", { method: "PUT" })).headers.allow).toBe("OPTIONS, POST");
    expect((await ask(app, "/api/nothing")).status).toBe(404);
    expect((await ask(app, "/api/admin")).status).toBe(401);
  });

  test("goes through nothing twice, and keeps what was pending", async () => {
    let count = 0;
    const counted = middleware("counted", async (c, next) => {
      count++;
      c.headers.append("Set-Cookie", `n=${count}`);
      const reply = await next();
      c.headers.set("X-After", String(reply.status));
      return reply;
    });
    const app = new App()
      .use(requestId({ generate: () => "id-1" }), counted, rewrite([{ strip: "/a" }]))
      .get("/b", (c) => {
        c.headers.append("Vary", "Cookie");
        return `${c.vars.requestId} ${c.path}`;
      })
      .get("/bad", () => {
        throw new Error("broken");
      });
    const answer = await ask(app, "/a/b");
    expect(answer.body).toBe("id-1 /b");
    expect(answer.headers).toMatchObject({
      "set-cookie": "n=1",
      "x-after": "200",
      vary: "Cookie",
      "x-request-id": "id-1",
    });
    expect((await ask(app, "/a/bad")).headers).toMatchObject({
      "set-cookie": "n=2",
      "x-after": "500",
    });
    expect(count).toBe(2);
  });

  test("never goes round in circles", async () => {
    const to = (match: RegExp, target: string) => rewrite([{ match, to: target }]);
    const app = new App()
      .group([to(/^\/a$/, "/b")], (inner) => inner.get("/a", () => "a"))
      .group([to(/^\/b$/, "/a")], (inner) => inner.get("/b", () => "b"));
    expect((await ask(app, "/a")).body).toBe("a");
    expect((await ask(app, "/b")).body).toBe("b");
    const layer = rewrite([{ match: /^(.*)$/, to: "$1/x" }]);
    // A function around it hides it from the route.
    const hidden = new App().use((c, next) => layer(c, next)).get("/*", ({ path }) => path);
    expect((await ask(hidden, "/a")).body).toBe("/a/x");
  });

  test("is logged as it arrived", async () => {
    const told: string[] = [];
    const app = new App().use(rewrite([{ strip: "/a" }])).get("/b", () => {
      throw new Error("broken");
    });
    await ask(app, "/a/b", { report: (_error, exchange) => told.push(exchange.target) });
    expect(told).toEqual(["/a/b"]);
  });

  test("belongs to the App that declared its route", async () => {
    const users = new App({ name: "users" })
      .get("/", ({ state }) => state.name)
      .get("/bad", () => {
        throw new Error("broken");
      })
      .onError(() => new Response("users failed", { status: 418 }));
    const app = new App().use(rewrite([{ add: "/v1" }])).route("/v1/users", users);
    expect((await ask(app, "/users")).body).toBe("users");
    expect((await ask(app, "/users/bad")).status).toBe(418);
  });

  test("has no body left where it was read outside", async () => {
    const reading = middleware("reading", async (c, next) => {
      await c.text();
      return next();
    });
    const app = new App()
      .use(reading, rewrite([{ strip: "/a" }]))
      .post("/b", async (c) => `got ${await c.text()}`);
    const told: unknown[] = [];
    const report = (failure: unknown) => void told.push(failure);
    const answer = await ask(app, "/a/b", { method: "POST", body: "once", report });
    expect(answer.status).toBe(500);
    expect(String(told)).toContain("a body has one reader");
  });

  test("is aborted with the request", async () => {
    const aborting = middleware("aborting", (c, next) => {
      const reply = next();
      c.abort(new Error("enough"));
      return reply;
    });
    const app = new App()
      .use(aborting, rewrite([{ strip: "/a" }]))
      .get("/b", async ({ signal }) => {
        await Promise.resolve();
        return String(signal.aborted);
      });
    expect((await ask(app, "/a/b")).body).toBe("true");
  });
});

test("leaves targets without a path alone", async () => {
  const app = new App().use(rewrite([{ add: "/v1" }]));
  const { FakeExchange } = await import("../../../test/support/fake-exchange.ts");
  const exchange = Object.assign(new FakeExchange("/", { method: "OPTIONS" }), { path: "*" });
  expect((await app.handle(exchange)).status).toBe(204);
});

describe("a chain", () => {
  const articles = { match: /^\/articles\/(\d+)$/, to: "/posts/$1" } as const;

  test("goes on with what the rule before made, and ends with the handler of the route", async () => {
    const rules: RewriteRule[] = [
      { strip: "/api", go: "next" },
      { ...articles, go: "next" },
      { add: "/v2", go: "stop" },
      { add: "/never", go: "next" },
    ];
    const app = new App()
      .get("/posts/:id", () => "another route")
      .get("/*", { use: [rewrite(rules)] }, (c) => `${c.exchange.target} ${c.path} ${c.rest}`);
    expect((await ask(app, "/api/articles/7?a=1")).body).toBe(
      "/v2/posts/7?a=1 /v2/posts/7 v2/posts/7",
    );
  });

  test("has rules for some requests only, which see what the address has become", async () => {
    const rules: RewriteRule[] = [
      { strip: "/a", go: "next" },
      { add: "/b", when: ({ path, method }) => path === "/x" && method === "GET", go: "next" },
    ];
    const app = new App().get("/*", { use: [rewrite(rules)] }, ({ path }) => path);
    app.post("/*", { use: [rewrite(rules)] }, ({ path }) => path);
    expect((await ask(app, "/a/x")).body).toBe("/b/x");
    expect((await ask(app, "/a/y")).body).toBe("/y");
    expect((await ask(app, "/a/x", { method: "POST" })).body).toBe("/x");
  });

  test("gives each rule its own mind about the query, and values of the request", async () => {
    const rules: RewriteRule[] = [
      { match: /^\/drop$/, to: "/x?own=1", query: "drop" },
      { match: /^\/host$/, to: "/${host}/${header:X-A}?m=${method}" },
      { match: /^\/uri$/, to: "/in${uri}" },
    ];
    expect(await becomes("/drop?a=1", ...rules)).toBe("/x?own=1");
    expect(await becomes("/host?a=1", ...rules)).toBe("/example.test/?m=GET&a=1");
    expect(await becomes("/uri?a=1?2", ...rules)).toBe("/in/uri?a=1?2");
  });

  test("of routes that send on for ever ends", async () => {
    const app = new App();
    for (let i = 0; i < 20; i++) {
      const to = `/${i + 1}`;
      app.get(`/${i}`, { use: [rewrite([{ match: /./, to }])] }, () => "here");
    }
    const answer = await ask(app, "/0");
    expect([answer.status, codeOf(answer)]).toEqual([508, "routed_in_circles"]);
    expect((await ask(app, "/15")).status).toBe(404);
  });
});

describe("a redirect", () => {
  const rules: RewriteRule[] = [
    { match: /^\/old\/(.*)$/, to: "https://new.example/$1?from=old#top", redirect: 308 },
    { strip: "/api", redirect: 301 },
    { match: /^\/out(.*)$/, to: "$1", redirect: 302 },
  ];
  const location = async (target: string) => {
    const app = new App().use(rewrite(rules)).get("/*", () => "here");
    const { status, headers } = await ask(app, target);
    return `${status} ${headers["location"]}`;
  };

  test("tells the client where to go", async () => {
    expect(await location("/old/a/b?q=1")).toBe("308 https://new.example/a/b?from=old&q=1#top");
    expect(await location("/api/x?y")).toBe("301 /x?y");
  });

  test("leads to no other host that a client has chosen", async () => {
    expect(await location("/out//evil.example/")).toBe("302 /evil.example/");
    expect(await location("/api//evil.example/")).toBe("301 /evil.example/");
    expect(await location("/outevil.example")).toBe("302 /evil.example");
  });
});
