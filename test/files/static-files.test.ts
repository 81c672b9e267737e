import { afterAll, describe, expect, test } from "bun:test";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Context } from "../../src/core/context.ts";
import type { Reply } from "../../src/core/reply.ts";
import { staticFiles } from "../../src/files/static-files.ts";
import type { StaticOptions } from "../../src/files/options.ts";
import type { FakeRequest } from "../support/fake-exchange.ts";
import { bodyBytes, bodyText, FakeExchange } from "../support/fake-exchange.ts";

const base = fs.mkdtempSync(path.join(os.tmpdir(), "sluice-files-"));
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));

/** As the route `/*` makes it. */
function contextOf(target: string, request?: FakeRequest): Context {
  const exchange = new FakeExchange(target, request);
  return new Context(exchange, exchange.path.slice(1));
}

let count = 0;
function site(files: Record<string, string | Uint8Array>, options: StaticOptions = {}) {
  const root = path.join(base, String(count++));
  fs.mkdirSync(root);
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), content);
  }
  const handler = staticFiles(root, options);
  const get = async (target: string, request: FakeRequest = {}): Promise<Reply> =>
    handler(contextOf(target, request));
  return { root, get, handler };
}

describe("a static site", () => {
  test("serves a file with its type, length and validators", async () => {
    const { get } = site({ "a.css": "body {}" });
    const reply = await get("/a.css");
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toBe("text/css; charset=utf-8");
    expect(reply.headers.get("etag")).toMatch(/^"[^"]+"$/);
    expect(reply.headers.get("accept-ranges")).toBe("bytes");
    expect(await bodyText(reply)).toBe("body {}");
  });

  test("answers a hot file at once, with the same reply", () => {
    const { handler } = site({ "a.txt": "hot" });
    const first = handler(contextOf("/a.txt"));
    const second = handler(contextOf("/a.txt"));
    expect(first).not.toBeInstanceOf(Promise);
    expect(second).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
  });

  test("answers a directory by its index, and redirects to its slash", async () => {
    const { get } = site({ "index.html": "root", "docs/index.html": "docs" });
    expect(await bodyText(await get("/"))).toBe("root");
    expect(await bodyText(await get("/docs/"))).toBe("docs");
    const redirect = await get("/docs?a=b");
    expect(redirect.status).toBe(301);
    expect(redirect.headers.get("location")).toBe("/docs/?a=b");
  });

  test("is a 404 for what is not there", async () => {
    const { get } = site({ "a.txt": "a", "dir/b.txt": "b" });
    for (const target of ["/nope", "/a.txt/", "/a.txt/b", "/dir/", `/${"x".repeat(300)}`]) {
      expect((await get(target)).status, target).toBe(404);
    }
  });

  test("streams a file too large for memory", async () => {
    const bytes = new Uint8Array(700_000).map((_, i) => i * 7);
    const { get } = site({ "big.bin": bytes });
    const reply = await get("/big.bin");
    expect(Buffer.compare(await bodyBytes(reply), bytes)).toBe(0);
    const head = await get("/big.bin", { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe("700000");
  });
});
