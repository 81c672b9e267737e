import { expect, test } from "bun:test";
import type { Answer } from "../../../test/middleware/asking.ts";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { Context } from "../../core/context.ts";
import { sourceFrom } from "../../wire/source.ts";
import type { EtagOptions } from "./etag.ts";
import { etag } from "./etag.ts";

const get = (
  handler: (c: Context) => unknown,
  headers: Record<string, string> = {},
  options: EtagOptions = {},
  method = "GET",
): Promise<Answer> =>
  ask(new App().use(etag(options)).all("/", handler as () => object), "/", { method, headers });

test("tags text, bytes and JSON by their content", async () => {
  const one = (await get(() => "a")).headers.etag as string;
  expect(one).toMatch(/^"[\w-]{22}"$/);
  expect((await get(() => "a")).headers.etag).toBe(one);
  expect((await get(() => new TextEncoder().encode("a"))).headers.etag).toBe(one);
  expect((await get(() => "b")).headers.etag).not.toBe(one);
  expect((await get(() => ({ a: 1 }))).headers.etag).toMatch(/^"/);
  expect((await get(() => "a", {}, { weak: true })).headers.etag).toBe(`W/${one}`);
  expect((await get(() => "")).headers.etag).toMatch(/^"/);
  // As `printf a | sha256sum` has it, in Base64; so it is of long bodies.
  expect(one).toBe('"ypeBEsobvcr6wjGzmiPcTQ"');
  const long = "a".repeat(100_000);
  const hash = new Bun.CryptoHasher("sha256").update(long).digest().subarray(0, 16);
  expect((await get(() => long)).headers.etag).toBe(`"${Buffer.from(hash).toString("base64url")}"`);
});

test("answers 304 to a client that has it, with the fields that caches want", async () => {
  const handler = (c: Context) => {
    c.headers.set("Cache-Control", "max-age=60");
    c.headers.set("Content-Language", "en");
    c.headers.append("Vary", "Cookie");
    return "a";
  };
  const tag = (await get(handler)).headers.etag as string;
  for (const value of [tag, `W/${tag}`, `"x", ${tag}`, "*", ` ${tag} `]) {
    const { status, body, headers } = await get(handler, { "If-None-Match": value });
    expect([value, status, body]).toEqual([value, 304, ""]);
    expect(headers).toEqual({ etag: tag, "cache-control": "max-age=60", vary: "Cookie" });
  }
  for (const value of ['"x"', tag.slice(1), "", tag.replaceAll('"', "")])
    expect([value, (await get(handler, { "If-None-Match": value })).status]).toEqual([value, 200]);
  expect((await get(handler, { "If-None-Match": tag }, {}, "HEAD")).status).toBe(304);
});

test("answers 412 where the client expects another state", async () => {
  const tag = (await get(() => "a")).headers.etag as string;
  const other = await get(() => "a", { "If-Match": '"x"' });
  expect([other.status, codeOf(other)]).toEqual([412, "precondition_failed"]);
  expect((await get(() => "a", { "If-Match": tag })).status).toBe(200);
  expect((await get(() => "a", { "If-Match": `W/${tag}` })).status).toBe(412);
});

test("keeps validators that are there, and evaluates them for streams too", async () => {
  let cancelled = 0;
  const handler = (c: Context) => {
    c.headers.set("Last-Modified", "Wed, 21 Oct 2026 07:28:00 GMT");
    c.headers.set("ETag", '"own"');
    return c.stream({ ...sourceFrom(["a"]), cancel: () => void cancelled++ });
  };
  expect((await get(handler)).headers.etag).toBe('"own"');
  expect((await get(handler, { "If-None-Match": '"own"' })).status).toBe(304);
  expect(cancelled).toBe(1);
  const since = (date: string) =>
    get(
      (c) => {
        c.headers.set("Last-Modified", "Wed, 21 Oct 2026 07:28:00 GMT");
        return c.stream(sourceFrom(["a"]));
      },
      { "If-Modified-Since": date },
    );
  expect((await since("Wed, 21 Oct 2026 07:28:00 GMT")).status).toBe(304);
  expect((await since("Wed, 21 Oct 2026 07:27:59 GMT")).status).toBe(200);
  expect((await since("yesterday")).status).toBe(200);
});

test("leaves everything else alone", async () => {
  const none = async (handler: (c: Context) => unknown, method = "GET") => {
    const { status, headers } = await get(handler, { "If-None-Match": "*" }, {}, method);
    return `${status} ${headers.etag}`;
  };
  expect(await none(() => "made", "POST")).toBe("200 undefined");
  expect(await none((c) => c.text("made", 201))).toBe("201 undefined");
  expect(await none(() => undefined)).toBe("204 undefined");
  expect((await get((c) => c.stream(sourceFrom(["a"])))).headers.etag).toBeUndefined();
  expect(
    (
      await get(() => {
        throw new Error("broken");
      })
    ).headers.etag,
  ).toBeUndefined();
});
