import { expect, test } from "bun:test";
import type { Exchange } from "../../core/exchange.ts";
import { MemoryChallengeStore } from "./challenges.ts";
import { hstsValue } from "./hsts.ts";
import { HttpsRedirect } from "./redirect.ts";

const challenges = new MemoryChallengeStore();

function ask(request: Partial<Exchange>, port = 443, status: 301 | 308 = 301) {
  const app = new HttpsRedirect({ status, tlsPort: () => port, challenges });
  const exchange = { method: "GET", authority: "example.com", path: "/", query: "", ...request };
  return app.handle(exchange as Exchange);
}

test.each<[Partial<Exchange>, number, string]>([
  [{}, 443, "https://example.com/"],
  [{ authority: "example.com:80" }, 443, "https://example.com/"],
  [{ authority: "example.com:8080" }, 8443, "https://example.com:8443/"],
  [{ authority: "127.0.0.1:8080" }, 8443, "https://127.0.0.1:8443/"],
  [{ authority: "[::1]" }, 443, "https://[::1]/"],
  [{ authority: "[::1]:80" }, 8443, "https://[::1]:8443/"],
  [{ path: "/a%20b/c", query: "x=1&y=%2F" }, 443, "https://example.com/a%20b/c?x=1&y=%2F"],
  [{ path: "/.well-known/other" }, 443, "https://example.com/.well-known/other"],
])("%j is sent to its https URL", (request, port, location) => {
  for (const status of [301, 308] as const) {
    const reply = ask(request, port, status);
    expect(reply.status).toBe(status);
    expect(reply.headers.get("location")).toBe(location);
    expect(reply.body).toBeNull();
  }
});

test.each<[Partial<Exchange>, string]>([
  [{ authority: "" }, "host_missing"],
  [{ authority: ":80" }, "host_missing"],
  [{ method: "OPTIONS", path: "*" }, "https_required"],
  [{ method: "CONNECT", path: "" }, "https_required"],
])("%j has no https URL: 400", (request, code) => {
  const reply = ask(request);
  expect(reply.status).toBe(400);
  expect(new TextDecoder().decode(reply.body as Uint8Array)).toContain(code);
});

test("challenges are answered for as long as they are set (RFC 8555 8.3)", () => {
  const path = "/.well-known/acme-challenge/tok-en_1";
  expect(ask({ path }).status).toBe(404);
  challenges.set("tok-en_1", "tok-en_1.thumbprint");
  const reply = ask({ path, authority: "" });
  expect(reply.status).toBe(200);
  expect(reply.body).toBe("tok-en_1.thumbprint");
  expect(reply.headers.get("content-type")).toBe("application/octet-stream");
  expect(ask({ path, method: "HEAD" }).status).toBe(200);
  const post = ask({ path, method: "POST" });
  expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  for (const other of ["", "tok-en_1/", "tok-en_1%2F", "__proto__", "constructor"]) {
    expect(ask({ path: `/.well-known/acme-challenge/${other}` }).status).toBe(404);
  }
  challenges.delete("tok-en_1");
  expect(ask({ path }).status).toBe(404);
});

test("a token that is not base64url is refused", () => {
  for (const token of ["", "a/b", "a.b", "ä", "x".repeat(257)]) {
    expect(() => challenges.set(token, "x")).toThrow("base64url");
  }
});

test("the HSTS value follows the settings (RFC 6797 6.1)", () => {
  const base = { hstsSeconds: 0, hstsIncludeSubdomains: false, hstsPreload: false };
  expect(hstsValue(base)).toBeUndefined();
  expect(hstsValue({ ...base, hstsIncludeSubdomains: true, hstsPreload: true })).toBeUndefined();
  expect(hstsValue({ ...base, hstsSeconds: 31_536_000 })).toBe("max-age=31536000");
  expect(hstsValue({ hstsSeconds: 300, hstsIncludeSubdomains: true, hstsPreload: true })).toBe(
    "max-age=300; includeSubDomains; preload",
  );
});
