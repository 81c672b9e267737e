import { describe, expect, test } from "bun:test";
import zlib from "node:zlib";
import { bodyBytes, FakeExchange } from "../../../test/support/fake-exchange.ts";
import { App } from "../../core/app.ts";
import type { Context } from "../../core/context.ts";
import { Reply, isSource } from "../../core/reply.ts";
import type { Source } from "../../wire/source.ts";
import { sourceFrom } from "../../wire/source.ts";
import { HeaderList } from "../../http/header-list.ts";
import { etag } from "../etag/etag.ts";
import type { CompressOptions } from "./compress.ts";
import { compress } from "./compress.ts";

const decoders: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  br: (bytes) => zlib.brotliDecompressSync(bytes),
  zstd: (bytes) => zlib.zstdDecompressSync(bytes),
  gzip: (bytes) => zlib.gunzipSync(bytes),
  deflate: (bytes) => zlib.inflateSync(bytes),
};
const words = "many words ".repeat(1000);

async function asked(
  handler: (c: Context) => unknown,
  request: { accept?: string; method?: string; headers?: Record<string, string> } = {},
  options?: CompressOptions,
): Promise<Reply> {
  const { accept = "gzip, br, zstd, deflate", method = "GET", headers } = request;
  const exchange = new FakeExchange("/", {
    method,
    headers: { ...headers, ...(accept !== "" && { "Accept-Encoding": accept }) },
  });
  const app = new App().use(compress(options)).get("/", handler as () => object);
  return app.handle(exchange);
}

async function decoded(reply: Reply): Promise<string> {
  const coding = reply.headers.get("content-encoding");
  const bytes = await bodyBytes(reply);
  return new TextDecoder().decode(coding === null ? bytes : decoders[coding]?.(bytes));
}

describe("what a client takes", () => {
  for (const [accept, coding] of [
    ["gzip, br, zstd, deflate", "br"],
    ["gzip, zstd", "zstd"],
    ["br;q=0.5, gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["deflate", "deflate"],
    ["*", "br"],
    ["br;q=0, *;q=0.1", "zstd"],
    ["identity;q=0, gzip;q=0.1", "gzip"],
    ["identity, gzip;q=0.5", null],
    ["gzip;q=0", null],
    ["compress, unknown", null],
    ["gzip;q=1.0000", null],
    ["", null],
    [`${"a".repeat(100_000)},${" ".repeat(100_000)}`, null],
  ] as const) {
    test(`${accept.slice(0, 30)} means ${coding}`, async () => {
      for (const body of [words, new TextEncoder().encode(words)]) {
        const reply = await asked((c) => c.bytes(body as Uint8Array).with(TEXT), { accept });
        expect(reply.headers.get("content-encoding")).toBe(coding);
        expect(reply.headers.get("vary")).toBe("Accept-Encoding");
      }
      const streamed = await asked(
        (c) => c.stream(sourceFrom([words], words.length), "text/plain"),
        {
          accept,
        },
      );
      expect(streamed.headers.get("content-encoding")).toBe(coding);
      expect(await decoded(streamed)).toBe(words);
      const text = await asked(() => words, { accept });
      expect(await decoded(text)).toBe(words);
      if (coding !== null) expect((text.body as Uint8Array).byteLength).toBeLessThan(400);
    });
  }

  test("is chosen among the codings of the option", async () => {
    const options = { codings: ["gzip", "br"] as const };
    const coding = async (accept: string) =>
      (await asked(() => words, { accept }, options)).headers.get("content-encoding");
    expect(await coding("br, gzip, zstd")).toBe("gzip");
    expect(await coding("zstd")).toBeNull();
  });
});

const TEXT = new HeaderList(["Content-Type", "text/plain"]).freeze();

describe("left alone is", () => {
  const untouched: Record<string, (c: Context) => unknown> = {
    "a small body": () => "small",
    "a small source": (c) => c.stream(sourceFrom(["small"], 5), "text/plain"),
    "an image": (c) => c.stream(sourceFrom([words]), "image/png"),
    "what has no type": () => new Reply(words),
    "what is encoded": () => new Response(words, { headers: { "Content-Encoding": "x" } }),
    "a range": () =>
      new Response(words, { status: 206, headers: { "Content-Range": "bytes 0-1/2" } }),
    "a range that is no 206": () =>
      new Response(words, {
        headers: { "Content-Type": "text/plain", "Content-Range": "bytes 0-1/2" },
      }),
    "what has a digest": (c) => {
      c.headers.set("Repr-Digest", "sha-256=:AA==:");
      return words;
    },
    "what must not be changed": (c) => {
      c.headers.set("Cache-Control", "public, No-Transform");
      return words;
    },
    "what the Reply says must not be changed": () =>
      new Response(words, {
        headers: { "Content-Type": "text/plain", "Cache-Control": "no-transform" },
      }),
    "an empty answer": () => undefined,
  };
  for (const [name, handler] of Object.entries(untouched)) {
    test(name, async () => {
      const reply = await asked(handler);
      expect(["x", null]).toContain(reply.headers.get("content-encoding"));
      if (reply.status !== 204) expect(await bodyBytes(reply)).not.toHaveLength(0);
    });
  }

  test("what the client wants unchanged", async () => {
    const headers = { "Cache-Control": "no-transform" };
    expect((await asked(() => words, { headers })).headers.has("content-encoding")).toBe(false);
  });

  test("what would not get smaller", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(2000));
    const reply = await asked((c) => c.bytes(bytes).with(TEXT));
    expect(reply.headers.has("content-encoding")).toBe(false);
    expect(await bodyBytes(reply)).toEqual(bytes);
  });

  test("a connection that was taken over", async () => {
    expect(await asked(() => Reply.TAKEN)).toBe(Reply.TAKEN);
  });
});

test("a size and types of one's own", async () => {
  const small = { minSize: 10, types: (type: string) => type === "application/x-own" };
  const own = await asked(
    (c) => c.stream(sourceFrom(["a".repeat(50)], 50), "application/X-Own; a=b"),
    {},
    small,
  );
  expect(own.headers.get("content-encoding")).toBe("br");
  expect((await asked(() => words, {}, small)).headers.has("content-encoding")).toBe(false);
  const exact = { minSize: 50, levels: { br: 1 } };
  expect((await asked(() => "a".repeat(50), {}, exact)).headers.has("content-encoding")).toBe(true);
  expect((await asked(() => "a".repeat(49), {}, exact)).headers.has("content-encoding")).toBe(
    false,
  );
});

test("HEAD has the fields of GET, without its length", async () => {
  let cancelled = false;
  const source: Source = {
    ...sourceFrom([words], words.length),
    cancel: () => void (cancelled = true),
  };
  const reply = await asked((c) => c.stream(source, "text/plain"), { method: "HEAD" });
  expect(reply.headers.get("content-encoding")).toBe("br");
  expect((reply.body as Source).size).toBeUndefined();
  expect(cancelled).toBe(true);
});

test("fields of the plain bytes are gone, and tags are weak", async () => {
  const handler = (c: Context) => {
    c.headers.set("ETag", '"pending"');
    const headers = { "Content-Type": "text/plain", "Accept-Ranges": "bytes", ETag: '"reply"' };
    return new Response(words, { headers });
  };
  const reply = await asked(handler);
  expect(reply.headers.get("etag")).toBe('W/"pending"');
  expect(reply.headers.has("accept-ranges")).toBe(false);
  expect(reply.headers.has("content-length")).toBe(false);
});

test("around etag it gives 304 to whoever has the compressed answer", async () => {
  const app = new App().use(compress(), etag()).get("/", () => words);
  const ask = (headers: Record<string, string>) =>
    app.handle(new FakeExchange("/", { headers: { "Accept-Encoding": "gzip", ...headers } }));
  const first = await ask({});
  const tag = first.headers.get("etag") as string;
  expect(tag).toMatch(/^W\/"/);
  const second = await ask({ "If-None-Match": tag });
  expect([second.status, second.headers.get("etag"), second.headers.get("vary")]).toEqual([
    304,
    tag.slice(2),
    "Accept-Encoding",
  ]);
});

test("a header list that replies share stays as it was", async () => {
  const reply = await asked((c) => c.stream(sourceFrom([words], words.length), "text/plain"));
  const shared = new Reply(words, 200, TEXT);
  expect((await asked(() => shared)).headers.get("content-encoding")).toBe("br");
  expect([shared.body, TEXT.size, reply.status]).toEqual([words, 1, 200]);
});

test("a Vary that is there already is not doubled", async () => {
  for (const vary of ["accept-encoding", "Cookie, Accept-Encoding", "*"]) {
    const headers = { "Content-Type": "text/plain", Vary: vary };
    expect((await asked(() => new Response(words, { headers }))).headers.getAll("vary")).toEqual([
      vary,
    ]);
  }
});

for (const coding of ["br", "zstd", "gzip", "deflate"]) {
  test(`events leave at once in ${coding}`, async () => {
    const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
    async function* events() {
      for (const [index, gate] of gates.entries()) {
        await gate.promise;
        yield `data: ${index}\n\n`;
      }
    }
    const reply = await asked((c) => c.stream(events(), "text/event-stream"), { accept: coding });
    const body = reply.body;
    if (!isSource(body)) throw new Error("not streamed");
    const seen: Uint8Array[] = [];
    const length = () => new TextDecoder().decode(partly(coding, Buffer.concat(seen))).length;
    for (const [index, gate] of gates.entries()) {
      gate.resolve();
      // Each event can be read before the next one is there: pulling more would wait for ever.
      while (seen.length === 0 || length() < (index + 1) * 9) {
        seen.push(new Uint8Array((await body.pull()) as Uint8Array));
      }
    }
    for (let chunk = await body.pull(); chunk !== null; chunk = await body.pull())
      seen.push(new Uint8Array(chunk));
    const all = new TextDecoder().decode(decoders[coding]?.(Buffer.concat(seen)));
    expect(all).toBe("data: 0\n\ndata: 1\n\ndata: 2\n\n");
  });
}

/** What can be read of a stream that has not ended. */
function partly(coding: string, bytes: Uint8Array): Uint8Array {
  const { BROTLI_OPERATION_FLUSH, Z_SYNC_FLUSH, ZSTD_e_flush } = zlib.constants;
  if (coding === "br")
    return zlib.brotliDecompressSync(bytes, { finishFlush: BROTLI_OPERATION_FLUSH });
  if (coding === "zstd") return zlib.zstdDecompressSync(bytes, { finishFlush: ZSTD_e_flush });
  return zlib.unzipSync(bytes, { finishFlush: Z_SYNC_FLUSH });
}

test("a client that leaves frees the source", async () => {
  let cancelled: unknown;
  const source: Source = {
    size: undefined,
    pull: () => new Promise(() => {}),
    cancel: (reason) => void (cancelled = reason),
  };
  const reply = await asked((c) => c.stream(source, "text/plain"));
  (reply.body as Source).cancel("gone");
  expect(cancelled).toBe("gone");
});

test("a source that fails says so", async () => {
  async function* failing() {
    yield words;
    throw new Error("disk is gone");
  }
  const reply = await asked((c) => c.stream(failing(), "text/plain"));
  await expect(bodyBytes(reply)).rejects.toThrow("disk is gone");
});

test("works through app.fetch", async () => {
  const app = new App().use(compress()).get("/", () => words);
  const request = new Request("http://localhost/", { headers: { "Accept-Encoding": "gzip" } });
  const response = await app.fetch(request);
  expect(zlib.gunzipSync(await response.arrayBuffer()).toString()).toBe(words);
});

test("refuses options that cannot be", () => {
  expect(() => compress({ codings: ["lzw" as "br"] })).toThrow('no coding "lzw"');
  expect(() => compress({ minSize: "big" })).toThrow("is not a size");
});
