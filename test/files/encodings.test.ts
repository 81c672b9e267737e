import { describe, expect, test } from "bun:test";
import zlib from "node:zlib";
import { bodyBytes, bodyText } from "../support/fake-exchange.ts";
import { contextOf, siteMaker } from "../support/static-site.ts";

const make = siteMaker();
const TEXT = "All work and no play makes Jack a dull boy. ".repeat(300);
const LARGE = Array.from({ length: 60_000 }, (_, i) => `line ${i * 7919}\n`).join("");

const decoders: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  br: (bytes) => zlib.brotliDecompressSync(bytes),
  zstd: (bytes) => zlib.zstdDecompressSync(bytes),
  gzip: (bytes) => zlib.gunzipSync(bytes),
  deflate: (bytes) => zlib.inflateSync(bytes),
};
const decode = (coding: string, bytes: Uint8Array) =>
  new TextDecoder().decode((decoders[coding] as (bytes: Uint8Array) => Uint8Array)(bytes));

describe.each(["br", "zstd", "gzip", "deflate"])("%s on the fly", (coding) => {
  const { get, handler, ask } = make({ "a.txt": TEXT, "large.txt": LARGE });

  test("is made once and then kept", async () => {
    const reply = await get("/a.txt", { "Accept-Encoding": coding });
    expect(reply.headers.get("content-encoding")).toBe(coding);
    expect(reply.headers.get("vary")).toBe("Accept-Encoding");
    expect(reply.headers.has("accept-ranges")).toBe(false);
    const bytes = await bodyBytes(reply);
    expect(bytes.byteLength).toBeLessThan(TEXT.length / 4);
    expect(decode(coding, bytes)).toBe(TEXT);
    const again = handler(contextOf("/a.txt", { headers: { "Accept-Encoding": coding } }));
    expect(again).toBe(reply);
  });

  test("has a strong tag of its own, which its conditions use", async () => {
    const plain = (await get("/a.txt")).headers.get("etag");
    const reply = await get("/a.txt", { "Accept-Encoding": coding });
    const etag = reply.headers.get("etag") as string;
    expect(etag).toMatch(/^"/);
    expect(etag).not.toBe(plain);
    const conditional = (tag: string) =>
      get("/a.txt", { "Accept-Encoding": coding, "If-None-Match": tag });
    const unchanged = await conditional(etag);
    expect(unchanged.status).toBe(304);
    expect(unchanged.headers.get("vary")).toBe("Accept-Encoding");
    expect((await conditional(plain as string)).status).toBe(200);
  });

  test("gives way to plain bytes for a range", async () => {
    const reply = await get("/a.txt", { "Accept-Encoding": coding, Range: "bytes=4-7" });
    expect(reply.status).toBe(206);
    expect(reply.headers.has("content-encoding")).toBe(false);
    expect(await bodyText(reply)).toBe("work");
    const forced = { "Accept-Encoding": `${coding}, identity;q=0`, Range: "bytes=4-7" };
    expect((await get("/a.txt", forced)).status).toBe(200);
  });

  test("of a large file is a stream with a weak tag", async () => {
    const reply = await get("/large.txt", { "Accept-Encoding": coding });
    expect(reply.headers.get("etag")).toStartWith('W/"');
    expect(reply.headers.has("content-length")).toBe(false);
    expect(decode(coding, await bodyBytes(reply))).toBe(LARGE);
    const head = await ask("/large.txt", {
      method: "HEAD",
      headers: { "Accept-Encoding": coding },
    });
    expect(head.headers.flat).toEqual(reply.headers.flat);
  });
});

describe("what is compressed", () => {
  test("is compressible, large enough and wanted", async () => {
    const { get } = make({ "a.png": TEXT, "small.txt": "x".repeat(100), "a.txt": TEXT });
    const all = { "Accept-Encoding": "gzip, br" };
    for (const target of ["/a.png", "/small.txt"]) {
      const reply = await get(target, all);
      expect(reply.headers.has("content-encoding")).toBe(false);
      expect(reply.headers.has("vary")).toBe(false);
    }
    const unasked = await get("/a.txt");
    expect(unasked.headers.has("content-encoding")).toBe(false);
    expect(unasked.headers.get("vary")).toBe("Accept-Encoding");
    expect(
      (await get("/a.txt", { "Accept-Encoding": "gzip;q=0" })).headers.has("content-encoding"),
    ).toBe(false);
  });

  test("follows the settings", async () => {
    const files = { "a.txt": TEXT, "small.txt": "x".repeat(100) };
    const all = { "Accept-Encoding": "gzip, br, zstd, deflate" };
    const off = make(files, { compress: false });
    expect((await off.get("/a.txt", all)).headers.has("vary")).toBe(false);
    const gzip = make(files, {
      compress: { encodings: ["gzip"], level: { gzip: 9 }, minBytes: 10 },
    });
    expect((await gzip.get("/small.txt", all)).headers.get("content-encoding")).toBe("gzip");
    const capped = make(files, { compress: { maxBytes: 1000 } });
    expect((await capped.get("/a.txt", all)).headers.has("content-encoding")).toBe(false);
  });

  test("many requests at once share one compression", async () => {
    const { get } = make({ "a.txt": TEXT });
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => get("/a.txt", { "Accept-Encoding": "br" })),
    );
    expect(new Set(replies).size).toBe(1);
  });

  test("is 406 only when plain bytes are refused and nothing else is there", async () => {
    const { get } = make({ "a.png": TEXT, "a.txt": TEXT });
    const refused = await get("/a.png", { "Accept-Encoding": "identity;q=0" });
    expect(refused.status).toBe(406);
    expect(refused.headers.joined("vary")).toInclude("Accept-Encoding");
    expect((await get("/a.txt", { "Accept-Encoding": "*;q=0" })).status).toBe(406);
    const any = await get("/a.txt", { "Accept-Encoding": "identity;q=0, *" });
    expect(any.headers.get("content-encoding")).toBe("br");
  });
});

describe("precompressed files", () => {
  const files = {
    "a.bin": "plain bytes",
    "a.bin.br": "BR",
    "a.bin.zst": "ZSTD",
    "a.bin.gz": "GZIP",
    "only.txt": TEXT,
    "only.txt.gz": "GZIP",
  };

  test.each([
    ["br, zstd, gzip", "br", "BR"],
    ["zstd, gzip", "zstd", "ZSTD"],
    ["gzip", "gzip", "GZIP"],
    ["br;q=0.5, gzip;q=0.8", "gzip", "GZIP"],
    ["*", "br", "BR"],
    ["br;q=0, *", "zstd", "ZSTD"],
    ["deflate", null, "plain bytes"],
    ["identity, br;q=0.5", null, "plain bytes"],
    ["", null, "plain bytes"],
  ])("for %p: %p", async (accept, coding, text) => {
    const { get } = make(files);
    const reply = await get("/a.bin", { "Accept-Encoding": accept });
    expect(reply.headers.get("content-encoding")).toBe(coding);
    expect(reply.headers.get("content-type")).toBe("application/octet-stream");
    expect(reply.headers.get("vary")).toBe("Accept-Encoding");
    expect(await bodyText(reply)).toBe(text);
  });

  test("come before compressing, have ranges, and a tag each", async () => {
    const { get } = make(files);
    const only = await get("/only.txt", { "Accept-Encoding": "br, gzip" });
    expect(await bodyText(only)).toBe("GZIP");
    const part = await get("/a.bin", { "Accept-Encoding": "gzip", Range: "bytes=1-2" });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-encoding")).toBe("gzip");
    expect(await bodyText(part)).toBe("ZI");
    for (const etag of ["content", "mtime"] as const) {
      const tagged = make(files, { etag });
      const tags = ["", "br", "zstd", "gzip"].map(async (coding) =>
        (await tagged.get("/a.bin", { "Accept-Encoding": coding })).headers.get("etag"),
      );
      expect(new Set(await Promise.all(tags)).size).toBe(4);
    }
  });

  test("can be switched off, and are files of their own as well", async () => {
    const off = make(files, { precompressed: false });
    expect(await bodyText(await off.get("/a.bin", { "Accept-Encoding": "br" }))).toBe(
      "plain bytes",
    );
    const { get } = make(files);
    const itself = await get("/a.bin.gz");
    expect(itself.headers.has("content-encoding")).toBe(false);
    expect(itself.headers.get("content-type")).toBe("application/gzip");
  });
});
