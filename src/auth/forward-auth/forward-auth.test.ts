import { describe, expect, test } from "bun:test";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { ForwardAuthOptions } from "./forward-auth.ts";
import { forwardAuth } from "./forward-auth.ts";

type Service = (url: string, init: RequestInit) => Response | Promise<Response>;

const url = "http://auth.test/verify";
const yes = () => new Response("discarded", { status: 200 });

/** An App behind a service, and what the service was asked. */
function guarded(service: Service, options: Partial<ForwardAuthOptions> = {}) {
  const asked: { url: string; init: RequestInit; headers: Headers }[] = [];
  const fetch = async (address: string, init: RequestInit): Promise<Response> => {
    asked.push({ url: address, init, headers: init.headers as Headers });
    return service(address, init);
  };
  const app = new App().use(forwardAuth({ url, fetch, ...options })).add({
    path: "/*",
    handler: (c) => ({
      seen: Object.fromEntries([...c.exchange.headers].map(([k, v]) => [k.toLowerCase(), v])),
      user: (c.vars as { user?: { name: string } }).user?.name ?? null,
    }),
  });
  return { app, asked };
}

async function seen(app: App, headers: Record<string, string>): Promise<Record<string, string>> {
  return (JSON.parse((await ask(app, "/", { headers })).body) as { seen: Record<string, string> })
    .seen;
}

describe("the question", () => {
  test("says what is asked for, and where it comes from", async () => {
    const { app, asked } = guarded(yes);
    const host = "shop.example.com:8443";
    await ask(app, "/a/./b%41?q=1", { method: "PUT", authority: host, body: "content" });
    const [{ url: address, init, headers } = { url: "", init: {}, headers: new Headers() }] = asked;
    expect([address, init.method, init.redirect, init.body]).toEqual([
      url,
      "GET",
      "manual",
      undefined,
    ]);
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-forwarded-method": "PUT",
      "x-forwarded-proto": "http",
      "x-forwarded-host": host,
      "x-forwarded-uri": "/a/bA?q=1",
      "x-forwarded-for": "192.0.2.1",
      "accept-encoding": "identity",
    });
  });

  test("believes nothing a client says of that, and has nothing of its content", async () => {
    const { app, asked } = guarded(yes, { copyHeaders: ["Remote-User", "Authorization"] });
    await ask(app, "/", {
      headers: {
        "x-forwarded-uri": "/public",
        x_forwarded_host: "other.example",
        "x-original-url": "https://x/public",
        forwarded: "for=10.0.0.1",
        "x-real-ip": "10.0.0.1",
        "content-type": "text/plain",
        range: "bytes=0-1",
        "if-none-match": '"a"',
        connection: "upgrade, x-hop",
        "x-hop": "1",
        upgrade: "websocket",
        remote_user: "root",
        authorization: "Basic eA==",
        cookie: "a=1",
        "user-agent": "it",
      },
    });
    const sent = Object.keys(Object.fromEntries(asked[0]?.headers ?? []));
    expect(sent.toSorted()).toEqual([
      "accept-encoding",
      "authorization",
      "cookie",
      "user-agent",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-forwarded-method",
      "x-forwarded-proto",
      "x-forwarded-uri",
    ]);
    expect(asked[0]?.headers.get("x-forwarded-uri")).toBe("/");
  });

  test("has the fields that were chosen, and no others", async () => {
    const { app, asked } = guarded(yes, { requestHeaders: ["Cookie", "X-Api-*"], method: "HEAD" });
    await ask(app, "/", { headers: { cookie: "a=1", "x-api-key": "k", accept: "text/html" } });
    const { headers, init } = asked[0] as (typeof asked)[number];
    expect(init.method).toBe("HEAD");
    expect([headers.get("cookie"), headers.get("x-api-key"), headers.get("accept")]).toEqual([
      "a=1",
      "k",
      null,
    ]);
  });
});

describe("who is let in", () => {
  const named = () =>
    new Response(null, {
      headers: { "Remote-User": "ada", "X-Auth-Team": "red", "X-Other": "no", "X-New": "yes" },
    });

  test("comes with what the service says, never with what the client says under these names", async () => {
    const options = { copyHeaders: ["Remote-User", "X-Auth-*", "Remote-Groups"] };
    const { app } = guarded(named, options);
    const got = await seen(app, {
      "remote-user": "root",
      remote_user: "root",
      "remote-groups": "admins",
      "x-auth-admin": "1",
      "x-mine": "kept",
      connection: "close, Remote-User, x_auth_team",
    });
    expect(got).toMatchObject({ "remote-user": "ada", "x-auth-team": "red", "x-mine": "kept" });
    for (const name of ["remote_user", "remote-groups", "x-auth-admin", "x-other"])
      expect(got[name]).toBeUndefined();
    expect(got["connection"]).toBe("close");
    expect((await seen(app, { connection: "remote-user" }))["connection"]).toBeUndefined();
  });

  test("has a name, and the client what is for it", async () => {
    const cookie = () => {
      const reply = named();
      reply.headers.append("Set-Cookie", "a=1");
      reply.headers.append("Set-Cookie", "b=2");
      return reply;
    };
    const options = { userHeader: "remote-user", clientHeaders: ["Set-Cookie", "X-New"] };
    const answer = await ask(guarded(cookie, options).app, "/");
    expect(JSON.parse(answer.body).user).toBe("ada");
    expect([answer.headers["set-cookie"], answer.headers["x-new"]]).toEqual(["a=1, b=2", "yes"]);
    expect(JSON.parse((await ask(guarded(yes, options).app, "/")).body).user).toBeNull();
  });
});

describe("a refusal", () => {
  test("is passed on as it came, redirects too", async () => {
    const refuse = () =>
      new Response("sign in, please", {
        status: 401,
        headers: { "WWW-Authenticate": "Basic", Connection: "close", "Set-Cookie": "s=1" },
      });
    const answer = await ask(guarded(refuse).app, "/");
    expect([answer.status, answer.body]).toEqual([401, "sign in, please"]);
    expect(answer.headers["www-authenticate"]).toBe("Basic");
    expect(answer.headers["connection"]).toBeUndefined();
    const to = "https://auth.example/?rd=x";
    const moved = await ask(
      guarded(() => new Response(null, { status: 302, headers: { Location: to } })).app,
      "/",
    );
    expect([moved.status, moved.headers["location"]]).toEqual([302, to]);
  });
});

describe("a service that fails", () => {
  const broken: Record<string, Service> = {
    "cannot be reached": () => Promise.reject(new Error("refused")),
    "answers 500": () => new Response("oops", { status: 500 }),
    "answers 304": () => new Response(null, { status: 304 }),
  };
  for (const [name, service] of Object.entries(broken)) {
    test(`${name}: 502, and the log has the reason`, async () => {
      const reports: unknown[] = [];
      const report = (error: unknown) => void reports.push(error);
      const answer = await ask(guarded(service).app, "/", { report });
      expect([answer.status, codeOf(answer)]).toEqual([502, "forward_auth_failed"]);
      expect(reports).toHaveLength(1);
    });

    test(`${name}: nobody has a name where that is allowed`, async () => {
      const options = { onError: "allow", copyHeaders: ["Remote-User"] } as const;
      const { app } = guarded(service, options);
      expect((await seen(app, { "remote-user": "root" }))["remote-user"]).toBeUndefined();
    });
  }

  test("says nothing: 504, and the question is given up", async () => {
    let signal: AbortSignal | null | undefined;
    const silent: Service = (_, init) =>
      new Promise((_, reject) => {
        signal = init.signal;
        signal?.addEventListener("abort", () => reject(signal?.reason as Error));
      });
    const answer = await ask(guarded(silent, { timeout: 5 }).app, "/");
    expect([answer.status, codeOf(answer)]).toEqual([504, "forward_auth_timeout"]);
    expect(signal?.aborted).toBe(true);
  });
});

describe("the cache", () => {
  const cache = { ttl: "10s", by: ["cookie:session", "header:authorization"] };

  function timed(service: Service, options: Partial<ForwardAuthOptions["cache"]> = {}) {
    let time = 0;
    const { app, asked } = guarded(service, {
      cache: { ...cache, ...options },
      copyHeaders: ["Remote-User"],
      now: () => time,
    });
    const get = async (target: string, headers: Record<string, string> = {}, method = "GET") =>
      (await ask(app, target, { method, headers })).status;
    return { get, asked, app, pass: (ms: number) => (time += ms) };
  }
  const session = { cookie: "x=1; session=abc" };

  test("answers for a time, with the same credentials and for the same address", async () => {
    const { get, asked, pass, app } = timed(
      () => new Response(null, { headers: { "Remote-User": "a" } }),
    );
    await get("/", session);
    expect((await seen(app, { ...session, cookie: "session=abc; x=2" }))["remote-user"]).toBe("a");
    expect(asked).toHaveLength(1);
    await get("/other", session);
    await get("/?a", session);
    await get("/", session, "DELETE");
    await ask(app, "/", { headers: session, authority: "other.example" });
    await get("/", { cookie: "session=abcd" });
    await get("/", { cookie: "session=abc; session=def" });
    await get("/", { ...session, authorization: "x" });
    expect(asked).toHaveLength(8);
    pass(10_000);
    await get("/", session);
    expect(asked).toHaveLength(9);
  });

  test("is for a path or a host where that is said", async () => {
    const path = timed(yes, { scope: "path" });
    for (const target of ["/a", "/a?b", "/c"]) await path.get(target, session);
    expect(path.asked).toHaveLength(2);
    const host = timed(yes, { scope: "host" });
    for (const target of ["/a", "/a?b", "/c"]) await host.get(target, session);
    await host.get("/a", session, "POST");
    expect(host.asked).toHaveLength(1);
  });

  test("knows nobody without credentials, and keeps no refusals nor what is for one request", async () => {
    const anonymous = timed(yes);
    for (let i = 0; i < 2; i++) await anonymous.get("/", { cookie: "other=1" });
    expect(anonymous.asked).toHaveLength(2);
    const replies = [
      new Response(null, { status: 403 }),
      new Response(null, { headers: { "Set-Cookie": "session=new" } }),
      new Response(null, { headers: { "Cache-Control": "private, no-store" } }),
      new Response(null),
    ];
    const { get, asked } = timed(() => replies.shift() as Response);
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push(await get("/", session));
    expect(statuses).toEqual([403, 200, 200, 200, 200, 200]);
    expect(asked).toHaveLength(4);
  });

  test("forgets who came longest ago", async () => {
    const { get, asked } = timed(yes, { maxEntries: 2 });
    const come = (name: string) => get("/", { cookie: `session=${name}` });
    for (const name of ["a", "b", "a", "c", "a", "b"]) await come(name);
    expect(asked).toHaveLength(4);
  });
});

test("what cannot be is refused at start", () => {
  const wrong: [Partial<ForwardAuthOptions>, string][] = [
    [{ url: "auth.test" }, "auth.test"],
    [{ url: "ftp://auth.test/" }, "begins with http://"],
    [{ copyHeaders: ["Remote User"] }, "invalid header name"],
    [{ requestHeaders: ["*x"], clientHeaders: ["a b"] }, "invalid header name"],
    [{ timeout: "soon" }, "not a duration"],
    [{ cache: { ttl: "1m", by: [] } }, "cache.by is nothing"],
    [{ cache: { ttl: "1m", by: ["session"] } }, 'cache.by is "session"'],
    [{ cache: { ttl: "1m", by: ["cookie:a"], maxEntries: 0 } }, "cache.maxEntries"],
  ];
  for (const [options, message] of wrong) {
    expect(() => forwardAuth({ url, ...options })).toThrow(message);
  }
});
