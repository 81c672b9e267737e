import { describe, expect, test } from "bun:test";
import type { Asked } from "../../../test/middleware/asking.ts";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { CsrfOptions } from "./csrf.ts";
import { csrf } from "./csrf.ts";
import type { CsrfTokenOptions } from "./csrf-token.ts";

const base: Asked = { scheme: "https", authority: "shop.example" };
const own = "https://shop.example";
const partner = "https://app.partner.example";

interface Case {
  method?: string;
  site?: string;
  origin?: string;
  referer?: string;
  options?: CsrfOptions;
  status: number;
}

const safe = ["GET", "HEAD", "OPTIONS", "QUERY"];
const unsafe = ["POST", "PUT", "PATCH", "DELETE", "PURGE"];
const trusting: CsrfOptions = { origins: [partner] };

const cases: Case[] = [
  ...safe.map((method) => ({
    method,
    site: "cross-site",
    origin: "https://evil.example",
    status: 200,
  })),
  ...unsafe.map((method) => ({ method, site: "same-origin", origin: own, status: 200 })),
  ...unsafe.map((method) => ({
    method,
    site: "cross-site",
    origin: "https://evil.example",
    status: 403,
  })),
  { site: "same-origin", status: 200 },
  { site: "none", status: 200 },
  // A proxy that is not trusted hides our own address: the browser knows better.
  { site: "same-origin", origin: "https://public.example", status: 200 },
  { site: "same-site", origin: "https://blog.shop.example", status: 403 },
  { site: "same-site", status: 403 },
  { site: "cross-site", status: 403 },
  { site: "cross-site", origin: "null", status: 403 },
  { site: "cross-site", origin: partner, status: 403 },
  { site: "cross-site", origin: partner, options: trusting, status: 200 },
  { site: "cross-site", origin: "https://evil.example", options: trusting, status: 403 },
  { site: "cross-site", referer: `${partner}/page`, options: trusting, status: 403 },
  { site: "Same-Origin", status: 403 },
  { site: "same-origin, cross-site", status: 403 },
  { site: "", status: 403 },
  { origin: own, status: 200 },
  { origin: "https://shop.example:443", status: 403 },
  { origin: "http://shop.example", status: 403 },
  { origin: "https://shop.example:8443", status: 403 },
  { origin: "https://shop.example.evil.example", status: 403 },
  { origin: "https://evilshop.example", status: 403 },
  { origin: "https://blog.shop.example", status: 403 },
  { origin: `${own}, https://evil.example`, status: 403 },
  { origin: "null", status: 403 },
  { origin: "", status: 403 },
  { origin: "null", referer: `${own}/page`, status: 403 },
  { origin: partner, options: trusting, status: 200 },
  { origin: `${partner}.evil.example`, options: trusting, status: 403 },
  { referer: `${own}/page?x=1`, status: 200 },
  { referer: `${own}.evil.example/`, status: 403 },
  { referer: `https://evil.example/${own}/`, status: 403 },
  { referer: "https://shop.example@evil.example/", status: 403 },
  { referer: "rubbish", status: 403 },
  { status: 200 },
  { options: { unknown: "refuse" }, status: 403 },
  { options: { skip: (c) => c.path === "/" }, origin: "https://evil.example", status: 200 },
];

describe("where a request was made", () => {
  test.each(cases)("%j", async ({ method = "POST", site, origin, referer, options, status }) => {
    const app = new App().use(csrf(options)).on(method)("/", () => "in");
    const given: [string, string | undefined][] = [
      ["sec-fetch-site", site],
      ["origin", origin],
      ["referer", referer],
    ];
    const headers = given.filter((pair): pair is [string, string] => pair[1] !== undefined);
    const answer = await ask(app, "/", { ...base, method, headers });
    expect(answer.status).toBe(status);
    if (status === 403) expect(codeOf(answer)).toBe("csrf_origin_refused");
  });

  test("two lines of a field are no single one", async () => {
    const app = new App().use(csrf()).post("/", () => "in");
    for (const name of ["origin", "sec-fetch-site"]) {
      const value = name === "origin" ? own : "same-origin";
      const evil = name === "origin" ? "https://evil.example" : "cross-site";
      const headers = [
        [name, value],
        [name, evil],
      ] as const;
      expect((await ask(app, "/", { ...base, method: "POST", headers })).status).toBe(403);
    }
  });

  test("an origin that no browser would send is refused at start", () => {
    for (const origin of [
      "app.example",
      "https://app.example/",
      "https://App.example",
      "null",
      "*",
    ]) {
      expect(() => csrf({ origins: [origin] })).toThrow("write it as");
    }
  });
});

const secrets = ["0123456789abcdef0123456789abcdef"];

function shop(token: CsrfTokenOptions) {
  return new App()
    .use(csrf({ token }))
    .get("/", ({ vars }) => vars.csrf.token())
    .post("/", async (c) => {
      const form = c.requestHeaders.has("content-type") ? await c.form() : undefined;
      return `bought ${String(form?.get("item") ?? "")}`;
    });
}

describe("a token", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const visit = async (app: ReturnType<typeof shop>, request: Asked = {}) => {
    const { body, headers } = await ask(app, "/", { ...base, ...request });
    return { token: body, cookie: headers["set-cookie"], vary: headers["vary"] };
  };
  const send = (app: ReturnType<typeof shop>, headers: Record<string, string>, body?: string) =>
    ask(app, "/", {
      ...base,
      method: "POST",
      headers: { origin: own, ...headers },
      ...(body !== undefined && { body }),
    });

  test("is in a cookie that no other host or site can use, and in the request", async () => {
    const app = shop({});
    const { token, cookie, vary } = await visit(app);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(cookie).toBe(`__Host-csrf=${token}; Path=/; Secure; SameSite=Strict`);
    expect(vary).toBe("Cookie");
    const kept = { cookie: `__Host-csrf=${token}` };
    expect(await send(app, { ...kept, "x-csrf-token": token })).toMatchObject({ status: 200 });
    expect(await send(app, { ...kept, ...form }, `item=tea&_csrf=${token}`)).toMatchObject({
      status: 200,
      body: "bought tea",
    });
    // It stays as it is.
    expect(await visit(app, { headers: kept })).toEqual({
      token,
      cookie: undefined,
      vary: "Cookie",
    });
  });

  test("that is missing, wrong or of somebody else is refused", async () => {
    const app = shop({});
    const { token } = await visit(app);
    const { token: other } = await visit(app);
    const kept = { cookie: `__Host-csrf=${token}` };
    const refused: [Record<string, string>, string?][] = [
      [{}],
      [kept],
      [{ "x-csrf-token": token }],
      [{ ...kept, "x-csrf-token": other }],
      [{ ...kept, "x-csrf-token": "" }],
      [{ ...kept, "x-csrf-token": token.slice(1) }],
      [{ ...kept, "x-csrf-token": `${token}, ${token}` }],
      [{ ...kept, "x-csrf-token": "x".repeat(10_000) }],
      [{ cookie: "__Host-csrf=", "x-csrf-token": "" }],
      [{ cookie: "__Host-csrf=a", "x-csrf-token": "a" }],
      [{ cookie: `csrf=${token}`, "x-csrf-token": token }],
      [{ cookie: `__Host-csrf=${token}; __Host-csrf=${other}`, "x-csrf-token": token }],
      [{ ...kept, ...form }, "item=tea"],
      [{ ...kept, ...form }, `_csrf=${other}`],
      [{ ...kept, ...form }, `_csrf=${token}&_csrf=${token}`],
      [{ ...kept, "content-type": "text/plain" }, `_csrf=${token}`],
    ];
    for (const [headers, body] of refused) {
      const answer = await send(app, headers, body);
      expect([headers, answer.status, codeOf(answer)]).toEqual([
        headers,
        403,
        "csrf_token_invalid",
      ]);
    }
    // A good token opens no door to another origin.
    const evil = { ...kept, "x-csrf-token": token, origin: "https://evil.example" };
    expect(codeOf(await send(app, evil))).toBe("csrf_origin_refused");
  });

  test("is good for the session it was made for only", async () => {
    const session = (c: { requestHeaders: { get(name: string): string | null } }) =>
      c.requestHeaders.get("x-session") ?? undefined;
    const app = shop({ session, secrets });
    const ada = { "x-session": "ada" };
    const { token } = await visit(app, { headers: ada });
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}$/);
    const pair = { cookie: `__Host-csrf=${token}`, "x-csrf-token": token };
    expect((await send(app, { ...ada, ...pair })).status).toBe(200);
    expect((await send(app, { "x-session": "bob", ...pair })).status).toBe(403);
    expect((await send(app, pair)).status).toBe(403);
    // One that an attacker has made up and tossed in.
    const { token: plain } = await visit(shop({}));
    for (const forged of [plain, `${plain}.${plain}`]) {
      const tossed = { cookie: `__Host-csrf=${forged}`, "x-csrf-token": forged };
      expect((await send(app, { ...ada, ...tossed })).status).toBe(403);
    }
    // After signing in there is a new one.
    const next = await visit(app, { headers: { "x-session": "bob", cookie: pair.cookie } });
    expect(next.token).not.toBe(token);
    expect(next.cookie).toContain(`__Host-csrf=${next.token};`);
    // Secrets are rotated.
    const rotated = shop({ session, secrets: ["f".repeat(32), ...secrets] });
    expect((await send(rotated, { ...ada, ...pair })).status).toBe(200);
    const gone = shop({ session, secrets: ["f".repeat(32)] });
    expect((await send(gone, { ...ada, ...pair })).status).toBe(403);
  });

  test("has another cookie without TLS, and names of its own if wanted", async () => {
    const { cookie, token } = await visit(shop({}), { scheme: "http" });
    expect(cookie).toBe(`csrf=${token}; Path=/; SameSite=Strict`);
    const proxied = await visit(shop({ secure: true }), { scheme: "http" });
    expect(proxied.cookie).toStartWith("__Host-csrf=");
    const app = shop({ header: "X-Token", field: "t" });
    const own = await visit(app);
    const kept = { cookie: `__Host-csrf=${own.token}` };
    expect((await send(app, { ...kept, "x-token": own.token })).status).toBe(200);
    expect((await send(app, { ...kept, ...form }, `t=${own.token}`)).status).toBe(200);
    expect((await send(app, { ...kept, "x-csrf-token": own.token })).status).toBe(403);
  });

  test("is not asked of a WebSocket over HTTP/2, which must be of this origin all the same", async () => {
    const app = new App().use(csrf({ token: {} })).on("CONNECT")("/", () => "open");
    const open = (origin: string) =>
      ask(app, "/", { ...base, method: "CONNECT", headers: { origin } });
    expect((await open(own)).status).toBe(200);
    expect(codeOf(await open("https://evil.example"))).toBe("csrf_origin_refused");
  });

  test("a form that is too large is 413", async () => {
    const app = new App({}, { maxBody: 100 }).use(csrf({ token: {} })).post("/", () => "in");
    const request = { ...base, method: "POST", headers: { origin: own, ...form } };
    expect((await ask(app, "/", { ...request, body: "x".repeat(101) })).status).toBe(413);
  });

  test("refuses at start what cannot be", () => {
    expect(() => csrf({ token: { session: () => "a" } })).toThrow("needs secrets");
    expect(() => csrf({ token: { secrets: ["short"] } })).toThrow("32 bytes");
    expect(() => csrf({ token: { header: "no token" } })).toThrow(TypeError);
  });
});
