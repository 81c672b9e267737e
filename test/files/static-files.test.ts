import { describe, expect, test } from "bun:test";
import fs from "node:fs";
import path from "node:path";
import { App } from "../../src/core/app.ts";
import { Context } from "../../src/core/context.ts";
import { staticFiles } from "../../src/files/static-files.ts";
import { bodyBytes, bodyText, FakeExchange } from "../support/fake-exchange.ts";
import { contextOf, siteMaker, write } from "../support/static-site.ts";

const site = siteMaker();

describe("a static site", () => {
  test("serves a file with its type, length and validators", async () => {
    const { get } = site({ "a.css": "body {}" });
    const reply = await get("/a.css");
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toBe("text/css; charset=utf-8");
    expect(reply.headers.get("etag")).toMatch(/^"[^"]+"$/);
    expect(reply.headers.get("last-modified")).toEndWith("GMT");
    expect(reply.headers.get("accept-ranges")).toBe("bytes");
    expect(await bodyText(reply)).toBe("body {}");
  });

  test("answers a hot file at once, with the same frozen reply, HEAD too", () => {
    const { handler } = site({ "a.txt": "hot" });
    const first = handler(contextOf("/a.txt"));
    expect(first).not.toBeInstanceOf(Promise);
    expect(handler(contextOf("/a.txt"))).toBe(first);
    expect(handler(contextOf("/a.txt", { method: "HEAD" }))).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
  });

  test("answers a directory by its index, and redirects to its slash with the query", async () => {
    const { get } = site({ "index.html": "root", "docs/index.html": "docs" });
    expect(await bodyText(await get("/"))).toBe("root");
    expect(await bodyText(await get("/docs/"))).toBe("docs");
    const redirect = await get("/docs?a=b");
    expect(redirect.status).toBe(301);
    expect(redirect.headers.get("location")).toBe("/docs/?a=b");
    const strict = site({ "docs/index.html": "docs" }, { trailingSlash: false });
    expect((await strict.get("/docs")).status).toBe(404);
  });

  test("never redirects to another host", async () => {
    const { root, handler } = site({});
    fs.mkdirSync(path.join(root, "evil.example"));
    // With slashes kept, a path may begin with two of them.
    const exchange = new FakeExchange("/evil.example");
    Object.assign(exchange, { path: "//evil.example" });
    for (const rest of ["evil.example", "/evil.example"]) {
      const reply = await handler(new Context(exchange, rest));
      expect(reply.headers.get("location") ?? "/").toMatch(/^\/[^/]*/);
      expect(reply.headers.get("location") ?? "/").not.toStartWith("//");
    }
  });

  test("takes the index documents in order", async () => {
    const index = ["index.htm", "index.html"];
    const { get, root } = site({ "index.html": "second" }, { index, cache: { intervalMs: 0 } });
    expect(await bodyText(await get("/"))).toBe("second");
    write(root, { "index.htm": "first" });
    expect(await bodyText(await get("/"))).toBe("first");
  });

  test("is a 404 for what is not there", async () => {
    const { get } = site({ "a.txt": "a", "dir/b.txt": "b" });
    const long = "x/".repeat(3000);
    for (const target of [
      "/nope",
      "/a.txt/",
      "/a.txt/b",
      "/dir/",
      `/${"x".repeat(300)}`,
      `/${long}`,
    ]) {
      expect((await get(target)).status, target.slice(0, 40)).toBe(404);
    }
  });

  test("streams a file too large for memory, and tells its length to HEAD", async () => {
    const bytes = new Uint8Array(700_000).map((_, i) => i * 7);
    const { get, ask } = site({ "big.bin": bytes });
    expect(Buffer.compare(await bodyBytes(await get("/big.bin")), bytes)).toBe(0);
    const head = await ask("/big.bin", { method: "HEAD" });
    expect(head.body).toBeNull();
    expect(head.headers.get("content-length")).toBe("700000");
  });

  test("serves an empty file", async () => {
    for (const maxFileBytes of [0, 1000]) {
      const { get } = site({ "empty.txt": "" }, { cache: { maxFileBytes } });
      const reply = await get("/empty.txt");
      expect(reply.status).toBe(200);
      expect(await bodyText(reply)).toBe("");
      expect((await get("/empty.txt", { Range: "bytes=0-" })).status).toBe(416);
    }
  });

  test("serves names in any script and with every odd character", async () => {
    const names = [
      "日本語.txt",
      "Ελλάδα и мир.txt",
      "مرحبا.txt",
      "🎉.txt",
      "a%20b.txt",
      "a b.txt",
      "100%.txt",
      "q?x.txt",
      "h#x.txt",
      "é.txt",
      "é.txt",
      "'\"<>&;=+@!,$.txt",
    ];
    const { get } = site(Object.fromEntries(names.map((name) => [name, name])));
    for (const name of names) {
      const reply = await get(`/${encodeURIComponent(name)}`);
      expect(await bodyText(reply), name).toBe(name);
    }
  });

  test("answers other methods with 405 and Allow, OPTIONS with 204", async () => {
    const { ask } = site({ "a.txt": "a" });
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"]) {
      const reply = await ask("/a.txt", { method });
      expect(reply.status).toBe(405);
      expect(reply.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
    }
    const options = await ask("/a.txt", { method: "OPTIONS" });
    expect(options.status).toBe(204);
    expect(options.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
  });

  test("denies dotfiles but for .well-known at the root", async () => {
    const files = {
      ".env": "x",
      "a/.git/config": "x",
      ".well-known/x.txt": "ok",
      "a/.well-known/x": "x",
    };
    const denied = site(files);
    for (const target of ["/.env", "/a/.git/config", "/a/.git/", "/a/.well-known/x", "/%2Eenv"]) {
      expect((await denied.get(target)).status, target).toBe(404);
    }
    expect(await bodyText(await denied.get("/.well-known/x.txt"))).toBe("ok");
    const allowed = site(files, { dotfiles: "allow" });
    expect((await allowed.get("/.env")).status).toBe(200);
  });

  test("sets Cache-Control by the first rule that matches", async () => {
    const cacheControl = [
      { files: "assets/**", value: "public, max-age=31536000, immutable" },
      { files: "*.html", value: "no-cache" },
    ];
    const { get } = site({ "assets/a/b.js": "", "docs/x.html": "", "y.txt": "" }, { cacheControl });
    expect((await get("/assets/a/b.js")).headers.get("cache-control")).toInclude("immutable");
    const page = await get("/docs/x.html");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    expect((await get("/y.txt")).headers.has("cache-control")).toBe(false);
    const etag = page.headers.get("etag") ?? "";
    const unchanged = await get("/docs/x.html", { "If-None-Match": etag });
    expect(unchanged.headers.get("cache-control")).toBe("no-cache");
  });

  test("falls back to an application's document, but not for assets and excluded paths", async () => {
    const fallback = { document: "app.html", exclude: ["/api/"] };
    const { get } = site({ "app.html": "app", "real.txt": "real" }, { fallback });
    for (const target of ["/", "/users/7", "/users/john.doe", "/apix"]) {
      const reply = await get(target);
      expect(reply.status, target).toBe(200);
      expect(await bodyText(reply)).toBe("app");
    }
    expect(await bodyText(await get("/real.txt"))).toBe("real");
    for (const target of ["/api", "/api/users", "/assets/old.js", "/logo.png"]) {
      expect((await get(target)).status, target).toBe(404);
    }
  });

  test("shows its own error pages", async () => {
    const errorPages = { 404: "404.html", "4xx": "other.html" };
    const { get, ask } = site({ "404.html": "<p>lost", "other.html": "<p>other" }, { errorPages });
    const lost = await get("/nope");
    expect(lost.status).toBe(404);
    expect(lost.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(lost.headers.has("etag")).toBe(false);
    expect(await bodyText(lost)).toBe("<p>lost");
    const refused = await ask("/nope", { method: "POST" });
    expect(refused.status).toBe(405);
    expect(refused.headers.has("allow")).toBe(true);
    expect(await bodyText(refused)).toBe("<p>other");
    const strict = await get("/404.html", { "Accept-Encoding": "identity;q=0" });
    expect([strict.status, await bodyText(strict)]).toEqual([406, "<p>other"]);
    const head = await ask("/nope", { method: "HEAD" });
    expect(head.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const missing = site({}, { errorPages: { "40x": "gone.html" } });
    expect((await missing.get("/nope")).headers.get("content-type")).toInclude("problem+json");
  });

  test("tells errors to browsers as a page and to others as a problem", async () => {
    const { get } = site({});
    const page = await get("/nope", { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" });
    expect(page.headers.get("content-type")).toStartWith("text/html");
    const plain = await get("/nope", { Accept: "*/*" });
    expect(plain.headers.get("content-type")).toBe("application/problem+json");
    expect(plain.headers.get("vary")).toBe("Accept");
  });

  test("knows its place behind a prefix", async () => {
    const { root } = site({ "a.txt": "a", "index.html": "home" });
    const app = new App()
      .add({ path: "/docs/*", handler: staticFiles(root) })
      .add({ path: "/plain", handler: staticFiles(root, { prefix: "/plain" }) })
      .add({ path: "/a.txt", handler: staticFiles(root) });
    const fetchText = async (url: string) =>
      (await app.fetch(new Request(`http://localhost${url}`, { redirect: "manual" }))).text();
    expect(await fetchText("/docs/a.txt")).toBe("a");
    expect(await fetchText("/docs/")).toBe("home");
    expect(await fetchText("/a.txt")).toBe("a");
    const bare = await app.fetch(new Request("http://localhost/plain"));
    expect(bare.headers.get("location")).toBe("/plain/");
  });

  test("takes media types and the charset from its options", async () => {
    const options = {
      charset: "iso-8859-1",
      mediaTypes: { dat: "text/x-data", css: "text/plain" },
    };
    const { get } = site({ "a.dat": "", "b.css": "", "c.json": "{}", noext: "" }, options);
    const type = async (target: string) => (await get(target)).headers.get("content-type");
    expect(await type("/a.dat")).toBe("text/x-data; charset=iso-8859-1");
    expect(await type("/b.css")).toBe("text/plain; charset=iso-8859-1");
    expect(await type("/c.json")).toBe("application/json");
    expect(await type("/noext")).toBe("application/octet-stream");
  });

  test("says at once what is wrong with a root or an option", () => {
    const { root } = site({ file: "" });
    expect(() => staticFiles(path.join(root, "missing"))).toThrow(/does not exist: create it/);
    expect(() => staticFiles(path.join(root, "file"))).toThrow(/is not a directory/);
    expect(() => staticFiles(root, { prefix: "docs" })).toThrow(/must begin with/);
    expect(() => staticFiles(root, { cache: { maxBytes: -1 } })).toThrow(/cache.maxBytes/);
    expect(() => staticFiles(root, { cacheControl: [{ files: "[a", value: "x" }] })).toThrow(
      /glob/,
    );
  });
});
