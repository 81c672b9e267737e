import { describe, expect, test } from "bun:test";
import { ClientCookies, HttpClientError, client } from "../../src/client/index.ts";
import { app } from "./app.ts";

const api = client(app);

describe("an outcome", () => {
  test("an answer as the contract has it", async () => {
    const user = await api["GET /users/:id"]({ params: { id: 7 }, query: { full: "yes" } });
    if (!user.ok) throw new Error(user.detail);
    const { status, data } = user;
    expect({ status, data }).toEqual({
      status: 200,
      data: { id: 7, name: "Ada", since: "1970-01-01T00:00:00.000Z" },
    });
  });

  test("a declared error", async () => {
    const user = await api["GET /users/:id"]({ params: { id: 9 } });
    if (user.ok || user.code !== "user_not_found") throw new Error("expected user_not_found");
    expect([user.status, user.detail]).toEqual([404, "no user 9"]);
    expect(user.problem.title).toBe("Not Found");
  });

  test("refused input, with what is wrong", async () => {
    const user = await api["GET /users/:id"]({ params: { id: "x" } });
    if (user.ok || user.code !== "invalid_input") throw new Error("expected invalid_input");
    expect(user.errors).toMatchObject([{ in: "params", path: ["id"] }]);
  });

  test("an error that no contract names", async () => {
    const home = await api["GET /"]({ headers: { "x-limited": 1 } });
    if (home.ok) throw new Error("expected an error");
    expect([home.status, String(home.code)]).toEqual([429, "rate_limited"]);
  });

  test("nothing, text, bytes, JSON without a schema", async () => {
    const deleted = await api["DELETE /users/:id"]({ params: { id: 7 } });
    expect([deleted.status, deleted.ok && deleted.data]).toEqual([204, undefined]);
    const home = await api["GET /"]();
    expect(home.ok && home.data).toBe("welcome");
    const bytes = await api["GET /bytes"]();
    expect(bytes.ok && bytes.data).toEqual(new Uint8Array([1, 2, 3]));
    const echo = await api["GET /echo"]({
      query: { a: ["1", 2], b: null, c: new Date(0) },
      headers: { "x-agent": "test" },
    });
    expect(echo.ok && echo.data).toEqual({
      query: { a: ["1", "2"], c: "1970-01-01T00:00:00.000Z" },
      agent: "test",
      at: "1970-01-01T00:00:00.000Z",
    });
  });

  test("a created thing and a conflict", async () => {
    const made = await api["POST /users"]({ json: { name: "Grace" } });
    expect([made.status, made.ok && made.data.name]).toEqual([201, "Grace"]);
    const again = await api["POST /users"]({ json: { name: "Ada" } });
    expect(again.ok || again.code).toBe("user_exists");
  });

  test("no answer in time", async () => {
    const never = await api["GET /never"]({ timeout: 20 });
    if (never.ok || never.code !== "timed_out") throw new Error("expected timed_out");
    expect([never.status, never.cause.code]).toEqual([0, "timed_out"]);
  });

  test("an answer over the limit", async () => {
    const small = client(app, { maxResponse: 3 });
    const home = await small["GET /"]();
    expect(home.ok || String(home.code)).toBe("too_large");
  });

  test("a caller that gives up gets its own reason", async () => {
    const controller = new AbortController();
    const call = api["GET /never"]({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
  });
});

describe("parameters of the path", () => {
  test("are encoded and come back as they were", async () => {
    for (const name of ["a b", "ü", "50%", "a?b#c", "%2e%2E", "..a", "a;b=c", "'\"<>"]) {
      const raw = await api["GET /raw/:name"]({ params: { name } });
      expect(raw.ok && raw.data).toBe(name);
    }
    const file = await api["GET /files/*rest"]({ params: { rest: "a b/c.txt" } });
    expect(file.ok && file.data).toBe("a b/c.txt");
  });

  test("never lead elsewhere", async () => {
    for (const name of [".", "..", ""]) {
      await expect(api["GET /raw/:name"]({ params: { name } })).rejects.toThrow(TypeError);
    }
    for (const rest of ["../users", "a/../../b", "./a"]) {
      await expect(api["GET /files/*rest"]({ params: { rest } })).rejects.toThrow(TypeError);
    }
  });

  test("are asked for by name", async () => {
    const loose = api["GET /raw/:name"] as unknown as (input?: object) => Promise<unknown>;
    await expect(loose()).rejects.toThrow('needs a value for "name"');
    await expect(loose({ params: { name: {} } })).rejects.toThrow('"name" must be text');
    await expect(loose({ params: Object.create({ name: "inherited" }) })).rejects.toThrow("name");
  });
});

describe("bodies", () => {
  test("forms, with and without files", async () => {
    const plain = await api["POST /form"]({ form: { name: "Ada" } });
    expect(plain.ok && plain.data).toEqual({ name: "Ada", photo: "none" });
    const photo = new File(["picture"], "a.png");
    const upload = await api["POST /form"]({ form: { name: "Ada", photo } });
    expect(upload.ok && upload.data).toEqual({ name: "Ada", photo: "picture" });
    const data = new FormData();
    data.set("name", "Grace");
    const own = await api["POST /form"]({ form: data });
    expect(own.ok && own.data.name).toBe("Grace");
  });

  test("text, bytes, a stream", async () => {
    const text = await api["POST /text"]({ body: "grüße" });
    expect(text.ok && text.data).toBe("GRÜSSE");
    const bytes = await api["POST /bytes"]({ body: new Uint8Array(300) });
    expect(bytes.ok && bytes.data).toBe(300);
    const chunks = async function* () {
      yield "a";
    };
    const stream = await api["POST /stream"]({ body: chunks() });
    expect(stream.ok && stream.data).toEqual({ type: "application/octet-stream", ended: false });
  });

  test("are one, and what can be sent", async () => {
    const loose = api["POST /text"] as unknown as (input: object) => Promise<unknown>;
    await expect(loose({ body: "a", json: 1 })).rejects.toThrow("one body");
    await expect(loose({ body: 7 })).rejects.toThrow("a body is text");
    await expect(loose({ json: () => 1 })).rejects.toThrow("nothing that JSON has");
  });
});

describe("as a browser", () => {
  test("keeps cookies for their paths and follows redirects when told to", async () => {
    const cookies = new ClientCookies();
    const browser = client(app, { cookies, redirect: "follow" });
    const me = await browser["POST /sign-in"]();
    expect(me.ok && me.data).toBe("ada");
    expect(cookies.get("who")).toBe("ada");
    expect(cookies.header("/other")).toBe("");
    cookies.clear();
    const nobody = await browser["GET /me"]();
    expect(nobody.ok && nobody.data).toBe("nobody");
  });

  test("shows a redirect when not", async () => {
    const answer = await client(app)["POST /sign-in"]();
    expect([answer.ok, answer.status]).toEqual([true, 303]);
    expect(answer.headers.get("location")).toBe("/me");
  });

  test("sends a body again after 307, and goes neither in circles nor away", async () => {
    const browser = client(app, { redirect: "follow" });
    const moved = await browser["PUT /moved"]({ body: "kept" });
    expect(moved.ok && moved.data).toBe("kept");
    for (const call of [browser["GET /loop"], browser["GET /away"]]) {
      const answer = await call();
      expect(answer.ok || String(answer.code)).toBe("unreachable");
    }
  });
});

describe("events", () => {
  test("come one after the other, and on from the last", async () => {
    const seen: string[] = [];
    for await (const { event, data, lastEventId } of api["GET /feed"].events()) {
      seen.push(`${event} ${data} ${lastEventId}`);
    }
    expect(seen).toEqual(['tick {"i":1} 1', 'tick {"i":2} 2', 'tick {"i":3} 3']);
  });

  test("of what is no stream are an error", async () => {
    const read = async (events: AsyncIterable<unknown>) => {
      for await (const _ of events);
    };
    const plain = read(api["GET /"].events());
    await expect(plain).rejects.toThrow("is no event stream");
    const limited = read(api["GET /feed"].events({ headers: { "x-limited": "1" } }));
    await expect(limited).rejects.toBeInstanceOf(HttpClientError);
  });
});

test("ALL takes the method it is called with", async () => {
  const any = await api["ALL /any"]({ method: "PURGE" });
  expect(any.ok && any.data).toBe("PURGE");
});

test("the raw answer", async () => {
  const response = await api["GET /"].response();
  expect(await response.text()).toBe("welcome");
});

test("a WebSocket says what it needs", async () => {
  await expect(api["WS /room/:id"]({ params: { id: 1 } })).rejects.toThrow("sluice/testing");
});

test("what is no route is none", async () => {
  const loose = api as unknown as Record<string, unknown>;
  expect(await (loose as unknown as Promise<unknown>)).toBe(loose);
  expect(loose["nonsense"]).toBeUndefined();
  expect(() => loose["GET users"]).toThrow('write "METHOD /path"');
  expect(() => client({} as never)).toThrow("an App or");
  for (const url of ["ftp://x", "nonsense", "http://x/?a", "http://a:b@x"])
    expect(() => client(url)).toThrow(TypeError);
});
