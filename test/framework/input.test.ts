import { describe, expect, test } from "bun:test";
import { z } from "zod";
import {
  App,
  bearerToken,
  bytes,
  cookie,
  form,
  header,
  HttpError,
  json,
  query,
  rawBody,
  stream,
  text,
} from "../../src/index.ts";
import type { Random } from "../support/random.ts";
import { seededRandom } from "../support/random.ts";
import { ask } from "./ask.ts";

const User = z.object({ name: z.string().min(1), age: z.number().int().optional() });
const jsonType = { "content-type": "application/json" };

describe("a body that is compressed", () => {
  const app = new App()
    .post("/json", { body: User }, ({ body }) => body)
    .post("/form", { body: form(User) }, ({ body }) => body)
    .post("/text", { body: text() }, ({ body }) => body)
    .post("/bytes", { body: bytes() }, ({ body }) => body)
    .post("/own/json", (c) => c.json())
    .post("/own/form", async (c) => [...(await c.form()).keys()])
    .post("/own/files", async (c) => [...(await Array.fromAsync(c.files()))].length)
    .post("/own/bytes", async (c) => c.bytes());
  const types: Record<string, string> = {
    json: "application/json",
    form: "application/x-www-form-urlencoded",
    text: "text/plain",
    files: "multipart/form-data; boundary=x",
    bytes: "application/json",
  };

  for (const path of ["/json", "/form", "/text", "/own/json", "/own/form", "/own/files"]) {
    test(`is not taken for what it is not: ${path}`, async () => {
      const type = types[path.split("/").at(-1) as string] as string;
      const headers = { "content-type": type, "content-encoding": "gzip" };
      const answer = await ask(app, `POST ${path}`, { headers, body: '{"name":"ada"}' });
      expect([answer.status, answer.json.code]).toEqual([415, "unsupported_content_coding"]);
      expect(answer.headers.get("accept-encoding")).toBe("identity");
    });
  }

  test("is as good as any where bytes are wanted, and identity is no coding", async () => {
    for (const path of ["/bytes", "/own/bytes"]) {
      const headers = { "content-type": "application/json", "content-encoding": "gzip" };
      expect((await ask(app, `POST ${path}`, { headers, body: "x" })).text).toBe("x");
    }
    const headers = { ...jsonType, "content-encoding": "Identity" };
    const answer = await ask(app, "POST /json", { headers, body: '{"name":"ada"}' });
    expect(answer.json).toEqual({ name: "ada" });
  });
});

test("an extractor's thenable, as query builders are, is awaited: it may refuse", async () => {
  const builder = (run: () => unknown) => ({
    // oxlint-disable-next-line no-thenable
    then: (yes: any, no: any) => Promise.resolve().then(run).then(yes, no),
  });
  const refuse = () => {
    throw new HttpError(401, "who", "Sign in.");
  };
  const asked = (run: () => unknown) =>
    ask(
      new App().get("/", { with: { user: (): unknown => builder(run) } }, (c) =>
        String(c.vars.user),
      ),
      "/",
    );
  expect((await asked(() => "ada")).text).toBe("ada");
  expect((await asked(refuse)).status).toBe(401);
});

describe("what a route declares is read and checked", () => {
  const app = new App().post(
    "/users/:id",
    {
      params: z.object({ id: z.coerce.number().int() }),
      query: z.object({ tag: z.array(z.string()).optional(), dry: z.stringbool().optional() }),
      headers: z.object({ "x-trace": z.string().length(4) }),
      cookies: z.object({ sid: z.string().min(2) }),
      body: User,
    },
    ({ params, query: { tag, dry }, input, body }) => ({ params, tag, dry, input, body }),
  );

  test("every part, refined and typed", async () => {
    const answer = await ask(app, "POST /users/7?tag=a&tag=b&dry=yes", {
      json: { name: "Ada", extra: 1 },
      headers: { "X-Trace": "abcd", cookie: "sid=xyz" },
    });
    expect(answer.json).toEqual({
      params: { id: 7 },
      tag: ["a", "b"],
      dry: true,
      input: { headers: { "x-trace": "abcd" }, cookies: { sid: "xyz" } },
      body: { name: "Ada" },
    });
  });

  test("everything that is wrong is told at once", async () => {
    const answer = await ask(app, "POST /users/x?tag=a&dry=perhaps", {
      json: { name: "", age: "old" },
      headers: { "x-trace": "abc", cookie: "sid=x" },
    });
    expect(answer.status).toBe(422);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const seen = answer.json.errors.map((one: { in: string; path: string[] }) => [
      one.in,
      one.path.join("."),
    ]);
    expect(seen).toEqual([
      ["params", "id"],
      ["query", "tag"],
      ["query", "dry"],
      ["headers", "x-trace"],
      ["cookies", "sid"],
      ["body", "name"],
      ["body", "age"],
    ]);
    for (const one of answer.json.errors) {
      expect(one).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    }
  });

  test("a hostile body does not make an endless answer", async () => {
    const many = new App().post("/", { body: z.array(z.string()) }, () => "");
    const answer = await ask(many, "POST /", { json: Array.from({ length: 50_000 }, () => 1) });
    expect([answer.status, answer.json.errors.length]).toEqual([422, 100]);
  });

  test("schemas that answer later, several failing at different times", async () => {
    const later = (ms: number) =>
      z.string().refine(async () => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return false;
      }, "no");
    const app_ = new App().post(
      "/:a",
      {
        params: z.object({ a: later(15) }),
        query: z.object({ b: later(1) }),
        body: z.object({ c: later(5) }),
      },
      () => "",
    );
    const answer = await ask(app_, "POST /x?b=y", { json: { c: "z" } });
    const seen = answer.json.errors.map((one: { in: string }) => one.in);
    expect([answer.status, seen.toSorted()]).toEqual([422, ["body", "params", "query"]]);
  });
});

describe("bodies", () => {
  const app = new App()
    .post("/json", { body: User }, ({ body }) => body)
    .post("/optional", { body: User.optional() }, ({ body }) => body ?? "none")
    .post("/text", { body: text() }, ({ body }) => body)
    .post("/bytes", { body: bytes("application/pdf"), maxBody: 4 }, ({ body }) => body)
    .post("/stream", { body: stream() }, ({ body }) => body ?? "none")
    .post(
      "/form",
      { body: form(z.object({ a: z.string(), many: z.array(z.string()).optional() })) },
      ({ body }) => body,
    )
    .post(
      "/either",
      { body: [json(User), form(z.object({ name: z.string() }))] },
      ({ body }) => body.name,
    )
    .post("/read/json", async (c) => ({ got: await c.json() }))
    .post("/read/twice", async (c) => {
      await c.text();
      return c.text();
    });

  const cases: [string, RequestInit, number, string | RegExp][] = [
    ["/json", { body: '{"name":"é"}', headers: jsonType }, 200, '{"name":"é"}'],
    [
      "/json",
      { body: '{"name":"a"}', headers: { "content-type": "application/vnd.x+json" } },
      200,
      /a/,
    ],
    [
      "/json",
      { body: '{"name":"a"}', headers: { "content-type": "Application/JSON; charset=UTF-8" } },
      200,
      /a/,
    ],
    [
      "/json",
      { body: '{"name":"a"}', headers: { "content-type": "application/json; charset=latin1" } },
      415,
      /UTF-8/,
    ],
    [
      "/json",
      { body: "name=a", headers: { "content-type": "application/x-www-form-urlencoded" } },
      415,
      /application\/json/,
    ],
    ["/json", { body: "{}" }, 415, /application\/json/],
    ["/json", { body: "{", headers: jsonType }, 400, /invalid_json/],
    ["/json", { body: "", headers: jsonType }, 400, /invalid_json/],
    ["/json", {}, 422, /invalid_input/],
    ["/json", { body: new Uint8Array([34, 255, 34]), headers: jsonType }, 400, /invalid_utf8/],
    ["/json", { body: "[".repeat(500_000), headers: jsonType }, 400, /invalid_json/],
    ["/json", { body: `"${"x".repeat(1_100_000)}"`, headers: jsonType }, 413, /1048576 bytes/],
    ["/optional", {}, 200, "none"],
    ["/text", { body: "hi", headers: { "content-type": "text/csv" } }, 200, "hi"],
    ["/bytes", { body: "1234", headers: { "content-type": "application/pdf" } }, 200, "1234"],
    ["/bytes", { body: "12345", headers: { "content-type": "application/pdf" } }, 413, /4 bytes/],
    ["/stream", { body: "12345" }, 200, "12345"],
    ["/form", { body: new URLSearchParams({ a: "b c" }) }, 200, '{"a":"b c"}'],
    [
      "/form",
      {
        body: new URLSearchParams([
          ["a", "1"],
          ["many", "2"],
          ["many", "3"],
        ]),
      },
      200,
      '{"a":"1","many":["2","3"]}',
    ],
    ["/form", { body: formOf({ a: "multi" }) }, 200, '{"a":"multi"}'],
    [
      "/form",
      { body: "a=%ff", headers: { "content-type": "application/x-www-form-urlencoded" } },
      400,
      /UTF-8/,
    ],
    ["/either", { body: '{"name":"j"}', headers: jsonType }, 200, "j"],
    ["/either", { body: new URLSearchParams({ name: "f" }) }, 200, "f"],
    ["/read/json", { body: "[1]" }, 200, '{"got":[1]}'],
    ["/read/json", { body: "[1" }, 400, /invalid_json/],
    ["/read/twice", { body: "x" }, 500, /internal/],
  ];
  test.each(cases)("POST %s %p", async (path, init, status, expected) => {
    const answer = await ask(app, `POST ${path}`, init);
    expect(answer.status).toBe(status);
    if (typeof expected === "string") expect(answer.text).toBe(expected);
    else expect(answer.text).toMatch(expected);
  });

  test("a text that is not UTF-8 in the query is 400", async () => {
    const app_ = new App().get("/", (c) => c.query);
    expect((await ask(app_, "/?a=%ff")).status).toBe(400);
    expect((await ask(app_, "/?a=1&a=2&b=%E2%82%AC+x")).json).toEqual({ a: ["1", "2"], b: "€ x" });
  });
});

describe("returns", () => {
  test("undeclared fields never leave, in one schema or by status", async () => {
    const secret = { name: "Ada", password: "x" };
    const app = new App()
      .get("/one", { returns: User }, () => secret)
      .get("/many", { returns: z.array(User) }, async () => [secret])
      .post("/new", { returns: { 201: User, 202: z.object({}) } }, (c) => c.json(secret, 201))
      .get("/plain", { returns: { 203: User } }, (c) => c.json(secret, 203))
      .get("/raw", { returns: User, encode: false }, () => secret);
    expect((await ask(app, "/one")).json).toEqual({ name: "Ada" });
    expect((await ask(app, "/many")).json).toEqual([{ name: "Ada" }]);
    const made = await ask(app, "POST /new");
    expect([made.status, made.json]).toEqual([201, { name: "Ada" }]);
    expect((await ask(app, "/plain")).json).toEqual({ name: "Ada" });
    expect((await ask(app, "/raw")).json).toEqual(secret);
  });

  test("a result that is not what is declared is the server's fault", async () => {
    const app = new App().get("/", { returns: User }, () => ({ name: 7 }) as never);
    const answer = await ask(app, "/");
    expect([answer.status, answer.text.includes("name")]).toEqual([500, false]);
  });
});

describe("extractors", () => {
  const app = new App().post(
    "/",
    {
      with: {
        agent: header("user-agent"),
        page: query("page", z.coerce.number().int().default(1)),
        theme: cookie("theme"),
        raw: rawBody(),
        twice: async ({ vars }) => (vars as { page: number }).page * 2,
      },
    },
    ({ vars: { agent, page, theme, raw, twice } }) => ({
      agent,
      page,
      theme,
      raw: raw.length,
      twice,
    }),
  );

  test("fill vars, in order", async () => {
    const headers = { "user-agent": "t", cookie: "theme=dark" };
    const answer = await ask(app, "POST /?page=3", { body: "12345", headers });
    expect(answer.json).toEqual({ agent: "t", page: 3, theme: "dark", raw: 5, twice: 6 });
  });

  test("what several find wrong is told together", async () => {
    const two = new App().get(
      "/",
      { with: { a: query("a", z.coerce.number()), b: header("b", z.string()) } },
      () => "",
    );
    const answer = await ask(two, "/?a=x");
    expect(answer.json.errors.map((one: { path: string[] }) => one.path)).toEqual([["a"], ["b"]]);
  });

  test("a bearer token, or 401 with a challenge", async () => {
    const guarded = new App().get(
      "/",
      { with: { token: bearerToken() } },
      ({ vars }) => vars.token,
    );
    expect((await ask(guarded, "/", { headers: { authorization: "Bearer abc" } })).text).toBe(
      "abc",
    );
    const refused = await ask(guarded, "/", { headers: { authorization: "Basic abc" } });
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  });
});

describe("hostile input", () => {
  test.each([
    '{"__proto__":{"admin":true}}',
    '{"a":[{"__proto__":{"admin":true}}]}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"\\u005f\\u005fproto__":{"admin":true}}',
    '{"__pr\\u006fto__":{"admin":true}}',
  ])("%s changes no prototype", async (body) => {
    const app = new App().post("/", async (c) => Object.assign({}, await c.json()));
    const answer = await ask(app, "POST /", { body, headers: jsonType });
    expect([answer.status, answer.json.code]).toEqual([400, "forbidden_key"]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test("a value that only speaks of prototypes is fine", async () => {
    const app = new App().post("/", async (c) => c.json(await c.json()));
    const value = { text: "__proto__ and constructor", constructor: "Ford" };
    expect((await ask(app, "POST /", { json: value })).json).toEqual(value);
  });

  test.each(["query", "form"])("a %s changes no prototype", async (where) => {
    const app = new App()
      .get("/", (c) => Object.assign({}, c.query))
      .post("/", { body: form(z.looseObject({})) }, ({ body }) => Object.assign({}, body));
    const pairs = "__proto__=x&__proto__[admin]=1&constructor=y&a=1";
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const answer =
      where === "query"
        ? await ask(app, `/?${pairs}`)
        : await ask(app, "POST /", { body: pairs, headers: type });
    expect(answer.json).toMatchObject({ a: "1", constructor: "y" });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  // Node takes five times as long for a Request.
  const times = typeof Bun === "undefined" ? 600 : 10_000;

  test(`${times} damaged bodies: each a clear 4xx or an answer, never a 500`, async () => {
    const random = seededRandom(20_261_121);
    const seeds: [string, string][] = [
      ["application/json", '{"name":"Ada","age":36,"tags":["a",{"b":null}],"x":1.5e3}'],
      ["application/x-www-form-urlencoded", "name=Ada&age=36&tags=a&tags=%E2%82%AC&x=+y"],
      [
        "multipart/form-data; boundary=b",
        '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n',
      ],
    ];
    const shape = z.object({ name: z.string() });
    const app = new App().post("/", { body: [json(shape), form(shape)] }, ({ body }) => body.name);
    const seen = new Map<number, number>();
    for (let i = 0; i < times; i++) {
      const [type, seed] = seeds[i % seeds.length] as [string, string];
      const body = damage(new TextEncoder().encode(seed), random);
      const { status } = await ask(app, "POST /", { body, headers: { "content-type": type } });
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
    expect(
      [...seen.keys()].filter((status) => ![200, 400, 413, 415, 422].includes(status)),
    ).toEqual([]);
    for (const status of [200, 400, 422]) expect(seen.get(status)).toBeGreaterThan(times / 33);
  }, 60_000);
});

/** Some bytes changed, doubled, taken out, or the end cut off. */
function damage(bytes_: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  let result = [...bytes_];
  const times = random.below(5);
  for (let i = 0; i < times && result.length > 0; i++) {
    const at = random.below(result.length);
    const kind = random.below(4);
    if (kind === 0) result[at] = random.below(256);
    else if (kind === 1) result.splice(at, 1 + random.below(4));
    else if (kind === 2) result.splice(at, 0, ...result.slice(at, at + 8));
    else result = result.slice(0, at);
  }
  return new Uint8Array(result);
}

function formOf(fields: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}
