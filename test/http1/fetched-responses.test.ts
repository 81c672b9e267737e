import { expect, test } from "bun:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { App } from "../../src/index.ts";
import { serve } from "../../src/server/serve.ts";
import { exchangeRaw, parseResponses } from "../support/raw-client.ts";

test("a Response of fetch, which has decoded it, is not said to be coded, nor as long as it was", async () => {
  const text = "again ".repeat(100);
  const coded = { gzip: gzipSync(text), br: brotliCompressSync(text) };
  const origin = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch({ url }) {
      const coding = new URL(url).pathname.slice(1) as keyof typeof coded;
      return new Response(coded[coding], { headers: { "content-encoding": coding, "x-a": "1" } });
    },
  });
  const app = new App()
    .get("/fetched/:coding", ({ params }) => fetch(`${origin.url}${params.coding}`))
    .get("/own", () => new Response(coded.gzip, { headers: { "content-encoding": "gzip" } }));
  const server = await serve(app, { port: 0 });
  try {
    for (const path of ["/fetched/gzip", "/fetched/br"]) {
      const { text: answer } = await exchangeRaw(
        server.port,
        `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
        { quietMs: 3_000 },
      );
      const [response] = parseResponses(answer);
      expect(response?.headers.get("x-a")).toEqual(["1"]);
      expect(response?.headers.get("content-encoding")).toBeUndefined();
      expect(response?.body).toBe(text);
    }
    const own = await fetch(`http://127.0.0.1:${server.port}/own`);
    expect(own.headers.get("content-encoding")).toBe("gzip");
    expect(await own.text()).toBe(text);
  } finally {
    await server.close();
    await origin.stop(true);
  }
});
