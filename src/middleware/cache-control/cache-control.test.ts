import { expect, test } from "bun:test";
import { ask } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { Context } from "../../core/context.ts";
import type { CacheControlOptions } from "./cache-control.ts";
import { cacheControl } from "./cache-control.ts";

async function says(
  options: CacheControlOptions,
  handler: (c: Context) => unknown = () => "ok",
  method = "GET",
): Promise<string | undefined> {
  const app = new App().use(cacheControl(options)).all("/", handler as () => object);
  return (await ask(app, "/", { method })).headers["cache-control"];
}

test("says what it is told", async () => {
  for (const [options, value] of [
    [{ public: true, maxAge: "1h" }, "public, max-age=3600"],
    [{ private: true, noCache: true }, "private, no-cache"],
    [{ noStore: true }, "no-store"],
    [{ maxAge: 1500 }, "max-age=1"],
    [{ maxAge: 0, mustRevalidate: true }, "must-revalidate, max-age=0"],
    [
      { public: true, maxAge: "1m", sMaxAge: "1h", staleWhileRevalidate: "1d", staleIfError: "7d" },
      "public, max-age=60, s-maxage=3600, stale-while-revalidate=86400, stale-if-error=604800",
    ],
    [
      {
        maxAge: "365d",
        immutable: true,
        noTransform: true,
        proxyRevalidate: true,
        mustUnderstand: true,
      },
      "proxy-revalidate, must-understand, no-transform, immutable, max-age=31536000",
    ],
    [{ maxAge: "100000d" }, "max-age=2147483648"],
  ] as const)
    expect(await says(options)).toBe(value);
});

test("leaves an answer its own word", async () => {
  const options = { maxAge: "1h" };
  const own = new Response("ok", { headers: { "Cache-Control": "no-store" } });
  expect(await says(options, () => own.clone())).toBe("no-store");
  expect(
    await says(options, (c) => {
      c.headers.set("Cache-Control", "private");
      return "ok";
    }),
  ).toBe("private");
});

test("says nothing of errors and of what changes things", async () => {
  const options = { maxAge: "1h" };
  expect(await says(options, () => "ok", "POST")).toBeUndefined();
  expect(await says(options, () => "ok", "HEAD")).toBe("max-age=3600");
  for (const status of [400, 404, 500, 503])
    expect(await says(options, (c) => c.text("no", status))).toBeUndefined();
  expect(
    await says(options, () => {
      throw new Error("broken");
    }),
  ).toBeUndefined();
  const app = new App().use(cacheControl(options));
  expect((await ask(app, "/missing")).headers["cache-control"]).toBeUndefined();
});

test("keeps answers with cookies out of shared caches", async () => {
  const cookie = (c: Context) => {
    c.cookies.set("session", "1");
    return "ok";
  };
  expect(await says({ public: true, maxAge: "1h" }, cookie)).toBe("private, no-cache");
  expect(await says({ maxAge: "1h" }, cookie)).toBe("private, no-cache");
  expect(await says({ private: true, maxAge: "1h" }, cookie)).toBe("private, max-age=3600");
  expect(await says({ noStore: true }, cookie)).toBe("no-store");
});

test("refuses what contradicts itself", () => {
  for (const options of [
    { public: true, private: true },
    { noStore: true, maxAge: "1h" },
    { noStore: true, sMaxAge: 0 },
    { noStore: true, public: true },
    { private: true, sMaxAge: "1h" },
  ])
    expect(() => cacheControl(options)).toThrow("contradict each other");
  expect(() => cacheControl({})).toThrow("says nothing");
  expect(() => cacheControl({ public: false })).toThrow("says nothing");
  expect(() => cacheControl({ maxAge: "-1s" })).toThrow("is not a duration");
});
