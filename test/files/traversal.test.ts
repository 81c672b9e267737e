import { describe, expect, test } from "bun:test";
import fs from "node:fs";
import path from "node:path";
import { Context } from "../../src/core/context.ts";
import { staticFiles } from "../../src/files/static-files.ts";
import { canonicalPath } from "../../src/http/path.ts";
import type { PathRules } from "../../src/http/path.ts";
import { bodyText, FakeExchange } from "../support/fake-exchange.ts";
import { temporary, write } from "../support/static-site.ts";
import { traversals } from "../support/traversals.ts";

const SECRET = "the secret outside";

const base = fs.realpathSync(temporary());
const root = path.join(base, "root");
write(base, { "secret.txt": SECRET, "outside/secret.txt": SECRET });
write(root, { "index.html": "home", "public/a.txt": "a", ".hidden/secret.txt": SECRET });
write(root, { "public/.secret.txt": SECRET, "public/.well-known/secret.txt": SECRET });
fs.mkdirSync(path.join(root, ".well-known"));
const links: Record<string, string> = {
  "public/link-out": "../../secret.txt",
  "link-absolute": path.join(base, "secret.txt"),
  "link-dir": "../outside",
  "link-parent": "..",
  "public/link-dir-up": "../../outside",
  "link-inside": "public/a.txt",
};
for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, path.join(root, name));
fs.symlinkSync("link-absolute", path.join(root, "link-chain"));

const corpus = traversals(path.join(base, "secret.txt"));
/** Also the laxest rules a server can be set to. */
const ruleSets: PathRules[] = [
  { slashes: "merge", encodedSlash: "refuse", backslash: "refuse" },
  { slashes: "keep", encodedSlash: "keep", backslash: "keep" },
];

/** As an engine does it: the canonical path, or 400. */
async function ask(handler: ReturnType<typeof staticFiles>, raw: string, rules: PathRules) {
  const bare = raw.split("?")[0] as string;
  const canonical = canonicalPath(bare, rules);
  if (!canonical.ok) return { status: 400, text: "", location: null };
  const exchange = new FakeExchange("/");
  Object.assign(exchange, { path: canonical.path, target: raw });
  const reply = await handler(new Context(exchange, canonical.path.slice(1)));
  return {
    status: reply.status,
    text: await bodyText(reply),
    location: reply.headers.get("location"),
  };
}

describe("a path outside the root", () => {
  test("the corpus is large", () => {
    expect(corpus.length).toBeGreaterThanOrEqual(300);
  });

  test("is reached by no spelling, under any rules and options", async () => {
    const handlers = [
      staticFiles(root),
      staticFiles(root, { listing: true, symlinks: "deny" }),
      staticFiles(root, { fallback: { document: "index.html" }, cache: { maxBytes: 0 } }),
    ];
    let tried = 0;
    for (const handler of handlers) {
      for (const rules of ruleSets) {
        for (const raw of corpus) {
          const { status, text, location } = await ask(handler, raw, rules);
          expect(text.includes(SECRET), raw).toBe(false);
          expect([200, 301, 400, 404], raw).toContain(status);
          expect(location ?? "/", raw).toMatch(/^\/(?!\/)/);
          if (status === 200)
            expect(["home", "a"].includes(text) || text.includes("<!doctype"), raw).toBe(true);
          tried++;
        }
      }
    }
    expect(tried).toBe(corpus.length * 6);
  });

  test("is reached by no mutation of the corpus", async () => {
    const handler = staticFiles(root, { listing: true });
    let state = 42;
    const random = (n: number) => (state = (state * 48271) % 0x7fffffff) % n;
    const pieces = [
      "..",
      "/",
      "%2e",
      "%2f",
      "\\",
      "%5c",
      ".",
      "%00",
      ";",
      "%c0%ae",
      "public",
      "link-dir",
      "secret.txt",
    ];
    for (let i = 0; i < 5000; i++) {
      const seed = corpus[random(corpus.length)] as string;
      const at = random(seed.length + 1);
      const raw = seed.slice(0, at) + pieces[random(pieces.length)] + seed.slice(at + random(3));
      for (const rules of ruleSets) {
        const { text } = await ask(handler, raw, rules);
        expect(text.includes(SECRET), raw).toBe(false);
      }
    }
  });

  test("is not shown in a listing either", async () => {
    const { text } = await ask(
      staticFiles(root, { listing: true, index: [] }),
      "/",
      ruleSets[0] as PathRules,
    );
    expect(text).toInclude("link-inside");
    expect(text).toInclude("public");
    for (const hidden of ["link-absolute", "link-chain", "link-dir", "link-parent", ".hidden"]) {
      expect(text).not.toInclude(hidden);
    }
  });

  test("links inside the root are followed, or none at all", async () => {
    const rules = ruleSets[0] as PathRules;
    expect(await ask(staticFiles(root), "/link-inside", rules)).toMatchObject({
      status: 200,
      text: "a",
    });
    const strict = staticFiles(root, { symlinks: "deny" });
    expect((await ask(strict, "/link-inside", rules)).status).toBe(404);
    expect((await ask(strict, "/public/a.txt", rules)).status).toBe(200);
  });

  test("a link turned outwards while its file is hot is seen after the interval", async () => {
    const rules = ruleSets[0] as PathRules;
    let now = 0;
    const handler = staticFiles(root, { clock: () => now, cache: { intervalMs: 100 } });
    const link = path.join(root, "turning");
    fs.symlinkSync("public/a.txt", link);
    expect((await ask(handler, "/turning", rules)).text).toBe("a");
    fs.unlinkSync(link);
    fs.symlinkSync("../secret.txt", link);
    now = 100;
    expect((await ask(handler, "/turning", rules)).status).toBe(404);
    fs.unlinkSync(link);
  });

  test("a root that is a link follows its deployment", async () => {
    const rules = ruleSets[0] as PathRules;
    const releases = path.join(base, "releases");
    write(releases, { "1/a.txt": "one", "2/a.txt": "two" });
    const current = path.join(base, "current");
    fs.symlinkSync("releases/1", current);
    const handler = staticFiles(current, { cache: { intervalMs: 0 } });
    expect((await ask(handler, "/a.txt", rules)).text).toBe("one");
    fs.symlinkSync("releases/2", `${current}.new`);
    fs.renameSync(`${current}.new`, current);
    expect((await ask(handler, "/a.txt", rules)).text).toBe("two");
  });
});
