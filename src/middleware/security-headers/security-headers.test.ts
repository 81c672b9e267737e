import { describe, expect, test } from "bun:test";
import type { Answer } from "../../../test/middleware/asking.ts";
import { ask } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { Context } from "../../core/context.ts";
import type { SecurityHeadersOptions } from "./security-headers.ts";
import { securityHeaders } from "./security-headers.ts";

const get = (
  options?: SecurityHeadersOptions,
  handler: (c: Context) => unknown = () => "ok",
  scheme: "http" | "https" = "https",
): Promise<Answer> =>
  ask(new App().use(securityHeaders(options)).get("/", handler as () => object), "/", { scheme });

test("sets what protects most sites", async () => {
  const { headers } = await get();
  expect(headers).toMatchObject({
    "content-security-policy":
      "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; " +
      "img-src 'self' data:; object-src 'none'; script-src-attr 'none'",
    "strict-transport-security": "max-age=15552000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "origin-agent-cluster": "?1",
  });
  expect(headers["cross-origin-embedder-policy"]).toBeUndefined();
});

test("is on errors and on what is missing too", async () => {
  const app = new App().use(securityHeaders()).get("/bad", () => {
    throw new Error("broken");
  });
  for (const target of ["/bad", "/missing"])
    expect((await ask(app, target)).headers["x-content-type-options"]).toBe("nosniff");
});

test("leaves out what is false", async () => {
  const { headers } = await get({
    contentSecurityPolicy: false,
    strictTransportSecurity: false,
    frameOptions: false,
    referrerPolicy: false,
    permissionsPolicy: false,
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
  });
  expect(Object.keys(headers).toSorted()).toEqual([
    "content-type",
    "origin-agent-cluster",
    "x-content-type-options",
  ]);
});

test("lets a handler and a Reply have their own", async () => {
  const pending = await get({}, (c) => {
    c.headers.set("X-Frame-Options", "DENY");
    c.headers.delete("Referrer-Policy");
    return "ok";
  });
  expect(pending.headers["x-frame-options"]).toBe("DENY");
  expect(pending.headers["referrer-policy"]).toBeUndefined();
  const own = {
    "Content-Security-Policy": "default-src *",
    "Strict-Transport-Security": "max-age=1",
  };
  const reply = await get({}, () => new Response("ok", { headers: own }));
  expect(reply.headers["content-security-policy"]).toBe("default-src *");
  expect(reply.headers["strict-transport-security"]).toBe("max-age=1");
});

describe("HSTS", () => {
  test("is for HTTPS only", async () => {
    expect((await get({}, undefined, "http")).headers["strict-transport-security"]).toBeUndefined();
  });

  test("says what it is told", async () => {
    const hsts = async (
      strictTransportSecurity: SecurityHeadersOptions["strictTransportSecurity"] & {},
    ) => (await get({ strictTransportSecurity })).headers["strict-transport-security"];
    expect(await hsts({ maxAge: "1h", includeSubDomains: true })).toBe(
      "max-age=3600; includeSubDomains",
    );
    expect(await hsts({ maxAge: "365d", includeSubDomains: true, preload: true })).toBe(
      "max-age=31536000; includeSubDomains; preload",
    );
    expect(() => securityHeaders({ strictTransportSecurity: { preload: true } })).toThrow("365d");
  });
});

describe("the content policy", () => {
  const csp = async (options: SecurityHeadersOptions) =>
    (await get(options)).headers["content-security-policy"];

  test("is what it is told", async () => {
    const contentSecurityPolicy = {
      "default-src": ["'none'"],
      "script-src": ["'self'", "https://cdn.example:8443/js/", "'sha256-AbC+/='"],
      "upgrade-insecure-requests": true as const,
    };
    expect(await csp({ contentSecurityPolicy })).toBe(
      "default-src 'none'; script-src 'self' https://cdn.example:8443/js/ 'sha256-AbC+/='; upgrade-insecure-requests",
    );
    const { headers } = await get({ contentSecurityPolicy, reportOnly: true });
    expect(headers["content-security-policy"]).toBeUndefined();
    expect(headers["content-security-policy-report-only"]).toContain("default-src 'none'");
  });

  test("has a new nonce for each request, the handler's", async () => {
    const app = new App().use(securityHeaders({ nonces: true })).get("/", ({ vars }) => vars.nonce);
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const { body, headers } = await ask(app, "/");
      expect(body).toMatch(/^[A-Za-z0-9+/]{22}==$/);
      expect(headers["content-security-policy"]).toContain(`script-src 'self' 'nonce-${body}'`);
      expect(headers["content-security-policy"]).toContain(`style-src 'self' 'nonce-${body}'`);
      seen.add(body);
    }
    expect(seen.size).toBe(20);
  });

  test("adds nonces to the sources that are given", async () => {
    const contentSecurityPolicy = { "default-src": ["'none'"], "script-src": ["'strict-dynamic'"] };
    const value = await csp({ contentSecurityPolicy, nonces: true });
    expect(value).toMatch(
      /^default-src 'none'; script-src 'strict-dynamic' 'nonce-[^']+'; style-src 'nonce-[^']+'$/,
    );
    expect(() => securityHeaders({ contentSecurityPolicy: false, nonces: true })).toThrow("need a");
  });

  test("cannot be another than it looks", () => {
    for (const source of ["self", "none", "unsafe-inline", "nonce-abc", "sha256-abc"])
      expect(() => securityHeaders({ contentSecurityPolicy: { "script-src": [source] } })).toThrow(
        `"'${source}'"`,
      );
    for (const source of ["a; script-src *", "a,b", "a b", "", "a\r\nX: y", "\u00e9"])
      expect(() => securityHeaders({ contentSecurityPolicy: { "img-src": [source] } })).toThrow(
        "one source each",
      );
    for (const name of ["scriptSrc", "script-src *;", ""])
      expect(() => securityHeaders({ contentSecurityPolicy: { [name]: [] } })).toThrow(
        "is no directive",
      );
  });
});

test("permissions are a structured list of origins", async () => {
  const permissionsPolicy = {
    camera: [],
    geolocation: ["self", "https://maps.example"],
    fullscreen: ["*"],
  };
  expect((await get({ permissionsPolicy })).headers["permissions-policy"]).toBe(
    'camera=(), geolocation=(self "https://maps.example"), fullscreen=(*)',
  );
  for (const origin of ["maps.example", 'https://a"b', "https://a, b=()", "'self'"])
    expect(() => securityHeaders({ permissionsPolicy: { camera: [origin] } })).toThrow("use");
  expect(() => securityHeaders({ permissionsPolicy: { "a=()": [] } })).toThrow("is no feature");
});

test("refuses a value that would split a header", () => {
  expect(() => securityHeaders({ referrerPolicy: "no-referrer\r\nX: y" })).toThrow("invalid value");
});
