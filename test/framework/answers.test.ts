import { describe, expect, test } from "bun:test";
import { App, error, HttpError, middleware, Reply, sourceFrom } from "../../src/index.ts";
import type { Next, Result } from "../../src/index.ts";
import { ask } from "./ask.ts";

async function* words(): AsyncGenerator<string> {
  yield "a";
  yield "b";
}

describe("what a handler returns", () => {
  // As query builders are.
  // oxlint-disable-next-line no-thenable
  const thenable = { then: (resolve: (value: unknown) => void) => resolve({ query: 1 }) };
  const cases: [string, () => Result, number, string | null, string][] = [
    ["a string", () => "hi", 200, "text/plain; charset=utf-8", "hi"],
    ["an object", () => ({ a: 1 }), 200, "application/json", '{"a":1}'],
    ["null", () => null, 200, "application/json", "null"],
    ["a number", () => 7, 200, "application/json", "7"],
    ["undefined", () => undefined, 204, null, ""],
    ["bytes", () => new Uint8Array([104, 105]), 200, "application/octet-stream", "hi"],
    ["an async iterable", () => words(), 200, "application/octet-stream", "ab"],
    ["a source", () => sourceFrom(["x"]), 200, "application/octet-stream", "x"],
    [
      "a Response",
      () => new Response("1", { status: 201, headers: { "content-type": "a/b" } }),
      201,
      "a/b",
      "1",
    ],
    ["a Reply", () => new Reply("p", 202), 202, null, "p"],
    ["a thenable that is no Promise", () => thenable, 200, "application/json", '{"query":1}'],
  ];
  test.each(cases)("%s", async (_what, result, status, type, text) => {
    for (const handler of [result, async () => result()]) {
      const answer = await ask(new App().get("/", handler), "/");
      const seen = [answer.status, answer.headers.get("content-type"), answer.text];
      expect(seen).toEqual([status, type, text]);
    }
  });

  test("helpers of the context", async () => {
    const app = new App()
      .get("/json", (c) => c.json({ a: 1 }, 201))
      .get("/html", (c) => c.html("<p>"))
      .get("/redirect", (c) => c.redirect("/neu ä", 303))
      .get("/stream", (c) => c.stream(words(), "text/csv"))
      .get("/download", (c) => c.download("x", '../Übersicht "1".csv', "text/csv"));
    const seen = async (path: string, name: string) => {
      const answer = await ask(app, path, { redirect: "manual" });
      return [answer.status, answer.headers.get(name)];
    };
    expect(await seen("/json", "content-type")).toEqual([201, "application/json"]);
    expect(await seen("/html", "content-type")).toEqual([200, "text/html; charset=utf-8"]);
    expect(await seen("/redirect", "location")).toEqual([303, "/neu%20%C3%A4"]);
    expect(await seen("/stream", "content-type")).toEqual([200, "text/csv"]);
    expect(await seen("/download", "content-disposition")).toEqual([
      200,
      `attachment; filename="_bersicht _1_.csv"; filename*=UTF-8''%C3%9Cbersicht%20_1_.csv`,
    ]);
  });

  test("a header cannot be split, whatever it is made of", async () => {
    const app = new App()
      .get("/set", (c) => {
        c.headers.set("x", String(c.query["v"]));
        return "";
      })
      .get("/to", (c) => c.redirect(String(c.query["v"])));
    const v = encodeURIComponent("a\r\nset-cookie: b=1");
    const set = await ask(
      app.onError(() => undefined),
      `/set?v=${v}`,
    );
    expect([set.status, set.headers.get("set-cookie")]).toEqual([500, null]);
    const to = await ask(app, `/to?v=${v}`, { redirect: "manual" });
    expect([to.status, to.headers.get("set-cookie")]).toEqual([302, null]);
  });
});

describe("errors", () => {
  const Gone = error(410, "note_gone", "The note was thrown away.");

  test("declared ones are problem documents", async () => {
    const app = new App().get("/", () => {
      throw new Gone(undefined, { headers: { "retry-after": "5" }, members: { note: 7 } });
    });
    const answer = await ask(app, "/");
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("retry-after")).toBe("5");
    expect([answer.status, answer.json]).toEqual([
      410,
      {
        type: "about:blank",
        title: "Gone",
        status: 410,
        code: "note_gone",
        detail: "The note was thrown away.",
        note: 7,
      },
    ]);
    expect(() => error(200, "fine")).toThrow(RangeError);
  });

  test("unknown ones are 500 with an id that the log has, and nothing of what happened", async () => {
    const app = new App().get("/", () => {
      // An error of somebody else's library must not choose what the client sees.
      throw Object.assign(new Error("secret"), { status: 404, code: "secret_code" });
    });
    const reported: { error: unknown; id: string }[] = [];
    const { FetchExchange } = await import("../../src/core/fetch-exchange.ts");
    const exchange = new FetchExchange(new Request("http://localhost/"));
    const reply = await app.handle(exchange, (failure, _exchange, id) => {
      reported.push({ error: failure, id });
    });
    const text = await reply.toResponse().text();
    expect([reply.status, text.includes("secret")]).toEqual([500, false]);
    expect(reported).toHaveLength(1);
    expect(JSON.parse(text).id).toBe(reported[0]?.id);
  });

  test("onError is asked once, outside of all middleware; what it throws is the error then", async () => {
    const seen: unknown[] = [];
    const outer = middleware("outer", async (c, next) => {
      c.headers.set("x-outer", "1");
      return next();
    });
    const app = new App()
      .use(outer)
      .onError((failure, c) => {
        seen.push(failure);
        if (failure === "again") throw new HttpError(418, "teapot", "again");
        return c.json({ handled: String(failure) }, 400);
      })
      .get("/sync", () => {
        throw "sync";
      })
      .get("/async", async () => {
        throw "async";
      })
      .get("/again", () => {
        throw "again";
      });
    const sync = await ask(app, "/sync");
    expect([sync.status, sync.json, sync.headers.get("x-outer")]).toEqual([
      400,
      { handled: "sync" },
      "1",
    ]);
    expect((await ask(app, "/async")).json).toEqual({ handled: "async" });
    expect((await ask(app, "/again")).status).toBe(418);
    expect(seen).toEqual(["sync", "async", "again"]);
  });
});

describe("middleware", () => {
  const order: string[] = [];
  const traced = (name: string) =>
    middleware(name, async (_c, next) => {
      order.push(`${name} in`);
      try {
        return await next();
      } finally {
        order.push(`${name} out`);
      }
    });

  test("stands around what is declared after it, the first outermost", async () => {
    const app = new App()
      .get("/before", () => "")
      .use(traced("a"), traced("b"))
      .get("/after", { use: [traced("c")] }, () => {
        order.push("handler");
      });
    await ask(app, "/before");
    expect(order).toEqual([]);
    await ask(app, "/after");
    expect(order).toEqual(["a in", "b in", "c in", "handler", "c out", "b out", "a out"]);
  });

  test("sees 404, 405 and OPTIONS too, and errors of what is inside", async () => {
    const counted: number[] = [];
    const count = middleware("count", async (_c, next) => {
      try {
        const reply = await next();
        counted.push(reply.status);
        return reply;
      } catch (failure) {
        counted.push(failure instanceof HttpError ? failure.status : 0);
        throw failure;
      }
    });
    const app = new App().use(count).get("/x", () => {
      throw new HttpError(409, "conflict", "no");
    });
    await ask(app, "/x");
    await ask(app, "/none");
    await ask(app, "POST /x");
    await ask(app, "OPTIONS /x");
    expect(counted).toEqual([409, 404, 405, 204]);
  });

  test("what it adds is in vars, typed; it may answer itself, also with a Response", async () => {
    const user = middleware("user", (_c, next: Next<{ user: string }>) => next({ user: "Ada" }));
    const closed = middleware("closed", () => new Response("closed", { status: 503 }));
    const app = new App()
      .use(user)
      .get("/me", ({ vars }) => vars.user.toUpperCase())
      .get("/closed", { use: [closed] }, () => "open");
    expect((await ask(app, "/me")).text).toBe("ADA");
    expect([(await ask(app, "/closed")).status, (await ask(app, "/closed")).text]).toEqual([
      503,
      "closed",
    ]);
  });

  test("pending headers of many layers are merged; those of several lines stay several", async () => {
    const cookie = (name: string) =>
      middleware(name, (c, next) => {
        c.headers.append("set-cookie", `${name}=1`);
        c.headers.set("x-last", name);
        return next();
      });
    const app = new App().use(cookie("a"), cookie("b")).get("/", (c) => {
      const reply = c.text("x");
      return reply;
    });
    const { headers } = await ask(app, "/");
    expect([headers.getSetCookie(), headers.get("x-last")]).toEqual([["a=1", "b=1"], "b"]);
    // The shared list of plain texts is untouched.
    expect(
      (
        await ask(
          new App().get("/", (c) => c.text("x")),
          "/",
        )
      ).headers.get("x-last"),
    ).toBeNull();
  });
});

describe("time limits", () => {
  test("504 and an aborted signal; what comes later is dropped", async () => {
    let aborted = false;
    const app = new App().get("/", { timeout: 20 }, async (c) => {
      await new Promise<void>((resolve) => {
        c.signal.addEventListener("abort", () => {
          aborted = true;
          resolve();
        });
      });
      return "late";
    });
    const answer = await ask(app, "/");
    expect([answer.status, answer.json.code, aborted]).toEqual([504, "timeout", true]);
    expect(
      (
        await ask(
          new App().get("/", { timeout: "5s" }, async () => "in time"),
          "/",
        )
      ).text,
    ).toBe("in time");
  });
});

test("without a connection: hints are left out, push says none, trailers are refused in words", async () => {
  const app = new App()
    .get("/hints", (c) => {
      c.earlyHints("</a.css>; rel=preload");
      return c.push("/a.css");
    })
    .get("/trailers", (c) => {
      c.trailers.set("X-Sum", "1");
      return "lost";
    });
  const get = (path: string) => app.fetch(new Request(`http://a.example${path}`));
  expect(await (await get("/hints")).text()).toBe("none");
  const refused = await get("/trailers");
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
    501,
    "no_connection",
  ]);
});
