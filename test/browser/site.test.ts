import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { App } from "../../src/core/app.ts";
import { staticFiles } from "../../src/files/static-files.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { createDevelopmentCertificate } from "../../src/server/tls/self-signed.ts";
import { lacks } from "../support/programs.ts";

const site = new URL("../../examples/site", import.meta.url).pathname;
const certificate = createDevelopmentCertificate({ names: ["localhost"], days: 10 });
const fingerprint = createHash("sha256")
  .update(
    new X509Certificate(certificate.certificate).publicKey.export({ type: "spki", format: "der" }),
  )
  .digest("base64");

const app = new App().add({
  path: "/*",
  handler: staticFiles(site, { errorPages: { 404: "404.html" } }),
});

const opened: { browser: Browser; server: Server }[] = [];
afterAll(async () => {
  for (const { browser, server } of opened) {
    await browser.close();
    await server.close();
  }
});

interface Visit {
  page: Page;
  url: string;
  /** Path → protocol, as the browser's own network log has it. */
  protocols: Map<string, string>;
  problems: string[];
}

async function visit(protocol: "http/1.1" | "h2" | "h3"): Promise<Visit> {
  const tls = protocol === "http/1.1" ? {} : { tls: { certificates: [certificate] } };
  const server = await serve(app, { port: 0, host: "127.0.0.1", http3: protocol === "h3", ...tls });
  const authority = `localhost:${server.port}`;
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--no-first-run",
      "--host-resolver-rules=MAP localhost 127.0.0.1",
      `--ignore-certificate-errors-spki-list=${fingerprint}`,
      ...(protocol === "h3"
        ? ["--enable-quic", `--origin-to-force-quic-on=${authority}`]
        : ["--disable-quic"]),
    ],
  });
  opened.push({ browser, server });
  const page = await browser.newPage();
  const protocols = new Map<string, string>();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  session.on("Network.responseReceived", ({ response }) => {
    // The browser's own media controls.
    if (response.url.startsWith("data:")) return;
    protocols.set(decodeURI(new URL(response.url).pathname), response.protocol ?? "");
  });
  const url = `${protocol === "http/1.1" ? "http" : "https"}://${authority}`;
  return { page, url, protocols, problems };
}

describe.skipIf(lacks("chromium")).each(["http/1.1", "h2", "h3"] as const)(
  "examples/site over %s",
  (protocol) => {
    test("shows whole, every request by that protocol", async () => {
      const { page, url, protocols, problems } = await visit(protocol);
      await page.goto(url);
      expect(await page.title()).toBe("The lock keeper's notes");
      await page.evaluate("document.querySelector('video').play()");
      await page.waitForFunction("document.querySelector('video').currentTime > 0.2");
      const seen = await page.evaluate(`({
      image: document.querySelector("img").naturalWidth,
      video: Math.round(document.querySelector("video").duration),
      font: getComputedStyle(document.body).maxWidth,
    })`);
      expect(seen).toEqual({ image: 1280, video: 4, font: "704px" });

      const download = page.waitForEvent("download");
      await page.click(".download");
      const path = await (await download).path();
      expect(readFileSync(path).equals(readFileSync(`${site}/levels.csv`))).toBe(true);

      await page.click("nav a:last-child");
      await page.waitForURL("**/%E6%97%A5%E6%9C%AC%E8%AA%9E/");
      expect(await page.title()).toBe("水門守の覚え書き");
      expect(await page.evaluate("document.querySelector('img').naturalWidth")).toBe(1280);
      expect(problems).toEqual([]);

      const missing = await page.goto(`${url}/missing`);
      expect(missing?.status()).toBe(404);
      expect(await page.textContent("h1")).toBe("The water did not come this way.");

      const paths = ["/", "/style.css", "/canal.png", "/water.webm", "/日本語/", "/missing"];
      const used = Object.fromEntries(paths.map((one) => [one, protocols.get(one)]));
      expect(used).toEqual(Object.fromEntries(paths.map((one) => [one, protocol])));
      expect([...new Set(protocols.values())]).toEqual([protocol]);
    }, 60_000);
  },
);
