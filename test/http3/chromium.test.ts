import { X509Certificate, createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, CDPSession, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import { readAll, sourceFrom } from "../../src/wire/source.ts";
import type { Source } from "../../src/wire/source.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { createDevelopmentCertificate } from "../../src/server/tls/self-signed.ts";
import { lacks } from "../support/programs.ts";
import type { Http3Fixture } from "./harness.ts";
import { listen } from "./harness.ts";

const html = (body: string): Reply =>
  new Reply(
    `<!doctype html><title>h3</title>${body}`,
    200,
    new HeaderList(["Content-Type", "text/html"]),
  );

async function* failing(): AsyncGenerator<string> {
  yield "begun";
  await Bun.sleep(50);
  throw new Error("broken in the middle");
}

const app = new App()
  .get("/", (c) => {
    c.exchange.push("/style.css");
    return html(
      `<link rel=stylesheet href=/style.css><script src=/script.js></script><h1>Hello</h1>`,
    );
  })
  .get(
    "/style.css",
    () =>
      new Reply("h1 { color: rgb(1, 2, 3) }", 200, new HeaderList(["Content-Type", "text/css"])),
  )
  .get(
    "/script.js",
    () => new Reply("window.ran = true", 200, new HeaderList(["Content-Type", "text/javascript"])),
  )
  .get("/item/*", (c) => `item ${c.rest}`)
  .get("/failing", () => new Reply(sourceFrom(failing())))
  .get("/large", () => new Reply(sourceFrom(Array.from({ length: 64 }, () => "x".repeat(65_536)))))
  .post("/echo", async (c) => `${(await readAll(c.exchange.body as Source)).byteLength}`);

let server: Http3Fixture;
let browser: Browser;
let page: Page;
const protocols = new Map<string, string>();

const inBrowser = test.skipIf(lacks("chromium"));

beforeAll(async () => {
  if (lacks("chromium")) return;
  const certificate = createDevelopmentCertificate({ names: ["localhost", "127.0.0.1"], days: 10 });
  server = await listen(app, {}, { certificates: [certificate] });
  const spki = new X509Certificate(certificate.certificate).publicKey.export({
    type: "spki",
    format: "der",
  });
  const authority = `localhost:${server.listener.port}`;
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--enable-quic",
      "--host-resolver-rules=MAP localhost 127.0.0.1",
      `--origin-to-force-quic-on=${authority},127.0.0.1:${server.listener.port}`,
      `--ignore-certificate-errors-spki-list=${createHash("sha256").update(spki).digest("base64")}`,
    ],
  });
  page = await browser.newPage();
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  session.on("Network.responseReceived", ({ response }) => {
    const { pathname } = new URL(response.url);
    protocols.set(pathname, response.protocol ?? "");
  });
  await page.goto(`https://${authority}/`);
}, 30_000);

afterAll(async () => {
  if (lacks("chromium")) return;
  await browser.close();
  await server[Symbol.asyncDispose]();
});

inBrowser("a page and what it needs come over h3", async () => {
  expect(await page.title()).toBe("h3");
  const color = await page.evaluate("getComputedStyle(document.querySelector('h1')).color");
  expect(color).toBe("rgb(1, 2, 3)");
  expect(await page.evaluate("window.ran")).toBe(true);
  for (const path of ["/", "/style.css", "/script.js"]) expect(protocols.get(path)).toBe("h3");
});

inBrowser("a hundred requests at once", async () => {
  const texts = await page.evaluate(
    "Promise.all(Array.from({ length: 100 }, (_, i) => fetch('/item/' + i).then((r) => r.text())))",
  );
  expect(texts).toEqual(Array.from({ length: 100 }, (_, i) => `item ${i}`));
  expect(protocols.get("/item/99")).toBe("h3");
});

inBrowser(
  "4 MiB down and up",
  async () => {
    expect(await page.evaluate("fetch('/large').then((r) => r.text()).then((t) => t.length)")).toBe(
      4 * 1024 * 1024,
    );
    const sent =
      "fetch('/echo', { method: 'POST', body: new Uint8Array(4_000_000) }).then((r) => r.text())";
    expect(await page.evaluate(sent)).toBe("4000000");
    expect(protocols.get("/echo")).toBe("h3");
  },
  30_000,
);

inBrowser("a body that fails in the middle is an error to the page", async () => {
  const outcome = await page.evaluate(
    "fetch('/failing').then((r) => r.text()).then(() => 'whole', (error) => error.name)",
  );
  expect(outcome).toBe("TypeError");
});

inBrowser("an address has no server name and is served all the same", async () => {
  const other = await browser.newPage();
  const response = await other.goto(`https://127.0.0.1:${server.listener.port}/item/address`);
  expect(await response?.text()).toBe("item address");
  await other.close();
});

inBrowser("an aborted download is given up by the server", async () => {
  const aborted = `(async () => {
    const abort = new AbortController();
    const response = await fetch('/large', { signal: abort.signal });
    await response.body.getReader().read();
    abort.abort();
    return response.status;
  })()`;
  expect(await page.evaluate(aborted)).toBe(200);
  expect(await page.evaluate("fetch('/item/after').then((r) => r.text())")).toBe("item after");
});
