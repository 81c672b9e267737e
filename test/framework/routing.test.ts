import { describe, expect, test } from "bun:test";
import { DerivedExchange } from "../../src/core/derived-exchange.ts";
import { FetchExchange } from "../../src/core/fetch-exchange.ts";
import { App, middleware, sourceFrom } from "../../src/index.ts";
import { ask } from "./ask.ts";

const say = (text: string) => () => text;

describe("paths", () => {
  const app = new App()
    .get("/", say("root"))
    .get("/users", say("list"))
    .get("/users/me", say("me"))
    .get("/users/:id{\\d+}", (c) => `number ${c.params.id}`)
    .get("/users/:name", (c) => `name ${c.params.name}`)
    .get("/users/:id/posts/:post?", (c) => `posts ${JSON.stringify(c.params)}`)
    .get("/files/*path", (c) => `file ${c.params.path}|${c.rest}`)
    .get("/files/special", say("special"))
    .get("/café/menü", say("unicode"))
    .get("/any/*", (c) => `any ${c.rest}`);

  test.each([
    ["/", "root"],
    ["/users", "list"],
    ["/users/me", "me"],
    ["/users/42", "number 42"],
    ["/users/ada", "name ada"],
    ["/users/%61da", "name ada"],
    ["/users/a%20b", "name a b"],
    ["/users/%E2%82%AC", "name €"],
    ["/users/a%25b", "name a%b"],
    ["/users/7/posts", 'posts {"id":"7"}'],
    ["/users/7/posts/8", 'posts {"id":"7","post":"8"}'],
    ["/files/a/b%20c", "file a/b c|a/b%20c"],
    ["/files/", "file |"],
    ["/files/special", "special"],
    ["/caf%C3%A9/men%C3%BC", "unicode"],
    ["/any/x/../y", "any y"],
  ])("%s → %s", async (path, text) => {
    expect((await ask(app, path)).text).toBe(text);
  });

  test.each(["/user", "/users/", "/users//", "/files", "/Users", "/users/7/posts/8/9"])(
    "%s is no address here",
    async (path) => {
      expect((await ask(app, path)).status).toBe(404);
    },
  );

  test("a parameter that is no UTF-8 is refused", async () => {
    expect((await ask(app, "/users/%ff")).status).toBe(400);
  });

  test.each([
    ["users", /begin with "\/"/],
    ["/a/*/b", /last segment/],
    ["/:1a", /not a name/],
    ["/:__proto__", /not a name/],
    ["/a:b/:c-d", /fill its segment/],
    ["/:a/:a", /twice/],
    ["/:a{(}", /not closed/],
    ["/a%2Fb", /canonical/],
    ["/../a", /canonical/],
    ["/:a?/:b?/:c?/:d?/:e?", /optional/],
  ])("the path %p is refused with a reason", (path, why) => {
    expect(() => new App().get(path as "/", say("")).routes()).toThrow(why);
  });
});

describe("precedence does not depend on order", () => {
  const paths = ["/a/b", "/a/:x{[a-z]+}", "/a/:y", "/a/*rest", "/*all", "/:first/b"] as const;
  const orders = [paths, paths.toReversed(), [...paths.slice(3), ...paths.slice(0, 3)]];
  test.each(orders)("%p first", async (...order) => {
    const app = new App();
    for (const path of order) app.get(path as "/", say(path));
    const asked = ["/a/b", "/a/zz", "/a/9", "/a/b/c", "/q/b", "/q/r/s"];
    const answers = await Promise.all(asked.map(async (path) => (await ask(app, path)).text));
    expect(answers).toEqual(["/a/b", paths[1], "/a/:y", "/a/*rest", "/:first/b", "/*all"]);
  });

  test.each([
    ["/a/:x", "/a/:y"],
    ["/a", "/a"],
    ["/a/*x", "/a/*"],
    ["/:a{\\d+}", "/:b{[0-9a-f]+}"],
    ["/:a?", "/"],
    ["/caf%C3%A9", "/café"],
  ])("%s and %s cannot both be: the error names both places", (one, other) => {
    const app = new App().get(one as "/", say("1")).get(other as "/", say("2"));
    expect(() => app.routes()).toThrow(/routing\.test\.[jt]s:\d+.*routing\.test\.[jt]s:\d+/);
  });

  test.each([
    ["/a/:x{\\d+}", "/a/:y{[a-z]+}"],
    ["/a/:x", "/a/:x/b"],
    ["/a", "/a/"],
  ])("%s and %s never meet", (one, other) => {
    const app = new App().get(one as "/", say("1")).get(other as "/", say("2"));
    expect(app.routes()).toHaveLength(2);
  });

  test("methods and hosts tell routes apart", async () => {
    const app = new App()
      .get("/x", say("get"))
      .post("/x", say("post"))
      .all("/x", say("all"))
      .host("a.example", new App().get("/x", say("a")))
      .host("*.example", new App().get("/x", say("wildcard")));
    const lines = ["/x", "POST /x", "PUT /x", "http://a.example/x", "http://b.example:81/x"];
    const answers = await Promise.all(lines.map(async (line) => (await ask(app, line)).text));
    expect(answers).toEqual(["get", "post", "all", "a", "wildcard"]);
  });
});

describe("methods", () => {
  const app = new App()
    .get("/a", (c) => c.text("body", 203))
    .post("/a", say("posted"))
    .head("/own", (c) => {
      c.headers.set("x-own", "1");
      return c.text("");
    })
    .get("/own", say("get"))
    .on(["PURGE", "LOCK"])("/cache", (c) => c.method)
    .query("/search", async (c) => `found ${await c.text()}`);

  test("HEAD is GET without its body, unless it has an answer of its own", async () => {
    const head = await ask(app, "HEAD /a");
    expect([head.status, head.text]).toEqual([203, ""]);
    expect((await ask(app, "HEAD /own")).headers.get("x-own")).toBe("1");
    expect((await ask(app, "/own")).headers.get("x-own")).toBeNull();
  });

  test("OPTIONS says what there is; another method is 405 with Allow", async () => {
    const options = await ask(app, "OPTIONS /a");
    expect([options.status, options.headers.get("allow")]).toEqual([
      204,
      "GET, HEAD, OPTIONS, POST",
    ]);
    const wrong = await ask(app, "DELETE /a");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS, POST"]);
    expect((await ask(app, "OPTIONS /none")).status).toBe(404);
  });

  test("methods by name, and QUERY with its body", async () => {
    expect((await ask(app, "PURGE /cache")).text).toBe("PURGE");
    expect((await ask(app, "QUERY /search", { body: "x" })).text).toBe("found x");
  });
});

describe("policies", () => {
  test.each([
    ["strict", 404, null],
    ["ignore", 200, null],
    ["redirect", 308, "/a/b?q=1"],
  ] as const)("trailingSlash %s", async (trailingSlash, status, location) => {
    const app = new App(undefined, { trailingSlash }).get("/a/b", say("ok")).get("/c/", say("c"));
    const answer = await ask(app, "/a/b/?q=1", { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([status, location]);
    expect((await ask(app, "/c/")).text).toBe("c");
    expect((await ask(app, "/nowhere/")).status).toBe(404);
  });

  test("caseSensitive: false takes literals in any case and keeps parameters", async () => {
    const app = new App(undefined, { caseSensitive: false }).get(
      "/Users/:name",
      (c) => c.params.name,
    );
    expect((await ask(app, "/uSERS/Ada")).text).toBe("Ada");
  });
});

describe("Apps within Apps", () => {
  const named = (name: string) =>
    middleware(name, async (c, next) => {
      const reply = await next();
      c.headers.append("link", `<${name}>`);
      return reply;
    });

  test("route keeps state, error handling and middleware of the inner one, within those around", async () => {
    const inner = new App({ name: "inner" })
      .use(named("i"))
      .onError((error) =>
        error instanceof RangeError ? new Response("inner", { status: 418 }) : undefined,
      )
      .get("/", ({ state }) => state.name)
      .get("/range", () => {
        throw new RangeError();
      })
      .get("/other", () => {
        throw new TypeError("x");
      });
    const app = new App({ name: "outer" })
      .use(named("o"))
      .onError(() => new Response("outer", { status: 500 }))
      .route("/in", inner)
      .get("/", ({ state }) => state.name);
    expect((await ask(app, "/")).text).toBe("outer");
    const root = await ask(app, "/in");
    expect([root.text, root.headers.get("link")]).toEqual(["inner", "<i>, <o>"]);
    expect((await ask(app, "/in/range")).status).toBe(418);
    expect((await ask(app, "/in/other")).text).toBe("outer");
    // What is declared later is there too.
    inner.get("/late", say("late"));
    expect((await ask(app, "/in/late")).text).toBe("late");
    expect(app.routes().map(({ path, middleware: names }) => `${path} ${names.join()}`)).toEqual([
      "/in o,i",
      "/in/range o,i",
      "/in/other o,i",
      "/in/late o,i",
      "/ o",
    ]);
  });

  test("group, mount and fallback", async () => {
    const app = new App()
      .group([named("g")], (inner) => inner.get("/grouped", say("g")))
      .mount("/old", (request) => new Response(`old ${new URL(request.url).pathname}`))
      .route("/sub", new App().get("/x", say("x")).fallback(say("sub fallback")))
      .fallback((c) => c.text(`nothing at ${c.path}`, 404));
    expect((await ask(app, "/grouped")).headers.get("link")).toBe("<g>");
    expect((await ask(app, "/old/a/b?c")).text).toBe("old /a/b");
    expect((await ask(app, "/old")).text).toBe("old /");
    expect((await ask(app, "/sub/y")).text).toBe("sub fallback");
    expect((await ask(app, "POST /sub/x")).status).toBe(405);
    expect((await ask(app, "/y")).text).toBe("nothing at /y");
    expect((await ask(app, "/y")).headers.get("link")).toBeNull();
  });

  test("a mounted function sees the method as it came, whatever the runtime knows", async () => {
    const app = new App().mount(
      "/old",
      async (request) => new Response(`${request.method} ${await request.text()}`),
    );
    const from = new FetchExchange(new Request("http://h/old/a"));
    for (const method of ["GET", "QUERY", "PROPFIND", "FOO", "patch"]) {
      const body = method === "GET" ? null : sourceFrom(["x"]);
      const reply = await app.handle(new DerivedExchange(from, { method, body }));
      expect(await reply.toResponse().text()).toBe(`${method} ${body === null ? "" : "x"}`);
    }
  });

  test("a host that no URL can have is the client's mistake", async () => {
    const app = new App().get("/", (c) => c.url.href).mount("/old", () => new Response("old"));
    const from = new FetchExchange(new Request("http://h/"));
    for (const authority of ["h:99999", "h%00", "999.999.999.999", "%zz", "a%2fb"]) {
      for (const path of ["/", "/old"]) {
        const derived = new DerivedExchange(from, { path, target: path });
        const reply = await app.handle(Object.assign(derived, { authority }));
        expect(reply.status).toBe(400);
        expect(await reply.toResponse().json()).toMatchObject({ code: "host_invalid" });
      }
    }
  });

  test("what is no App is told apart", () => {
    expect(() => new App().route("/x", {} as App)).toThrow(/only an App/);
    expect(() => new App().route("x", new App())).toThrow(/begin with/);
  });
});
