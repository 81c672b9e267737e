// Server-sent events as browsers read them: EventSource of Chromium, over HTTP/1.1 and HTTP/2.
import { createHash, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";
import { App } from "../../src/index.ts";
import { serve } from "../../src/server/index.ts";
import { createDevelopmentCertificate } from "../../src/server/tls/self-signed.ts";
import { lacks } from "../support/programs.ts";

const certificate = createDevelopmentCertificate({ names: ["localhost"], days: 10 });
const fingerprint = createHash("sha256")
  .update(
    new X509Certificate(certificate.certificate).publicKey.export({ type: "spki", format: "der" }),
  )
  .digest("base64");

describe.skipIf(lacks("chromium"))("EventSource in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--host-resolver-rules=MAP localhost 127.0.0.1",
        `--ignore-certificate-errors-spki-list=${fingerprint}`,
      ],
    });
  }, 60_000);
  afterAll(() => browser?.close());

  test.each(["http/1.1", "h2"])(
    "reconnects over %s with Last-Event-ID, and its leaving is seen",
    async (protocol) => {
      const seen: (string | undefined)[] = [];
      const left = Promise.withResolvers<void>();
      const app = new App()
        .get("/", (c) => c.html("<!doctype html><title>events</title>"))
        .get("/feed", (c) =>
          c.sse(async (stream) => {
            seen.push(stream.lastEventId);
            const first = Number(stream.lastEventId ?? 0) + 1;
            for (let id = first; id < first + 2; id++) {
              const data = { id, text: "line one\nline two ✓" };
              await stream.send({ id: String(id), event: "tick", retry: 20, data });
            }
            if (first < 5) return;
            stream.signal.addEventListener("abort", () => left.resolve());
            await left.promise;
          }),
        );
      const tls = protocol === "h2" ? { tls: { certificates: [certificate] }, http3: false } : {};
      const server = await serve(app, { port: 0, ...tls });
      const page = await browser.newPage();
      try {
        await page.goto(`${protocol === "h2" ? "https" : "http"}://localhost:${server.port}/`);
        const told = await page.evaluate(
          () =>
            new Promise<unknown[]>((resolve) => {
              const got: unknown[] = [];
              const source = new EventSource("/feed");
              source.addEventListener("tick", (event) => {
                got.push([event.lastEventId, JSON.parse(event.data)]);
                if (got.length === 6) resolve(got);
              });
            }),
        );
        const text = "line one\nline two ✓";
        expect(told).toEqual([1, 2, 3, 4, 5, 6].map((id) => [String(id), { id, text }]));
        expect(seen).toEqual([undefined, "2", "4"]);
        const entry = await page.evaluate(() => {
          const [navigation] = performance.getEntriesByType("navigation");
          return (navigation as PerformanceNavigationTiming).nextHopProtocol;
        });
        expect(entry).toBe(protocol);
      } finally {
        await page.close();
      }
      await left.promise;
      await server.close();
    },
    30_000,
  );

  test("204 tells it to stay away", async () => {
    let asked = 0;
    const app = new App()
      .get("/", (c) => c.html("<!doctype html>"))
      .get("/feed", () => {
        asked++;
      });
    const server = await serve(app, { port: 0 });
    const page = await browser.newPage();
    try {
      await page.goto(`http://localhost:${server.port}/`);
      const state = await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const source = new EventSource("/feed");
            source.addEventListener("error", () => resolve(source.readyState));
          }),
      );
      expect([state, asked]).toEqual([2, 1]);
    } finally {
      await page.close();
      await server.close();
    }
  }, 30_000);
});
