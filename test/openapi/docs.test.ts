import { afterAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";
import { z } from "zod";
import { App, middleware } from "../../src/index.ts";
import { docs } from "../../src/openapi/index.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { lacks } from "../support/programs.ts";

const info = { title: "Pets & more", version: "1.0.0", description: "All <pets>." };

const pets = () =>
  new App()
    .use(docs(info))
    .get(
      "/pets/:id",
      {
        summary: "One <b>pet</b>",
        tags: ["pets"],
        params: z.object({ id: z.coerce.number().int() }),
        returns: z.object({ id: z.number().int(), name: z.string() }).meta({ id: "Pet" }),
      },
      ({ params }) => ({ id: params.id, name: "Rex" }),
    )
    .post("/pets", { deprecated: true, body: z.object({ name: z.string() }) }, ({ body }) => body);

const ask = (app: App, path: string, headers: Record<string, string> = {}) =>
  app.fetch(new Request(`http://localhost${path}`, { headers }));

describe("docs", () => {
  test("serves the document, for caches to keep", async () => {
    const app = pets() as unknown as App;
    const first = await ask(app, "/openapi.json");
    expect(first.status).toBe(200);
    expect(first.headers.get("content-type")).toBe("application/json");
    const document = (await first.json()) as { info: object; paths: object; servers?: unknown };
    expect(document.info).toEqual(info);
    expect(Object.keys(document.paths)).toEqual(["/pets/{id}", "/pets"]);
    expect(document.servers).toBeUndefined();

    const etag = first.headers.get("etag") ?? "";
    const again = await ask(app, "/openapi.json", { "If-None-Match": etag });
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
    expect(again.headers.get("content-type")).toBeNull();
  });

  test("tells of routes that come later", async () => {
    const app = pets() as unknown as App;
    const before = (await ask(app, "/openapi.json")).headers.get("etag");
    app.get("/late", () => "here");
    const after = await ask(app, "/openapi.json");
    expect(after.headers.get("etag")).not.toBe(before);
    expect(await after.text()).toContain('"/late"');
  });

  test("shows the operations as plain HTML, escaped, under a strict policy", async () => {
    const page = await ask(pets() as unknown as App, "/docs");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self';");
    const html = await page.text();
    expect(html).toContain("<h1>Pets &amp; more 1.0.0</h1>");
    expect(html).toContain("<p>All &lt;pets&gt;.</p>");
    expect(html).toContain("<li><code>GET /pets/{id}</code>: One &lt;b&gt;pet&lt;/b&gt;</li>");
    expect(html).toContain("<li><s><code>POST /pets</code></s></li>");
    expect(html).toContain('data-document="openapi.json"');
    expect(html).not.toMatch(/(src|href)="https?:/);
  });

  test("has the files of its page", async () => {
    const app = pets() as unknown as App;
    for (const [name, type] of [
      ["swagger-ui.css", "text/css; charset=utf-8"],
      ["swagger-ui-bundle.js", "text/javascript; charset=utf-8"],
      ["start.js", "text/javascript; charset=utf-8"],
    ] as const) {
      const reply = await ask(app, `/docs/${name}`);
      expect([name, reply.status, reply.headers.get("content-type")]).toEqual([name, 200, type]);
      expect((await reply.arrayBuffer()).byteLength).toBeGreaterThan(100);
      const etag = reply.headers.get("etag") ?? "";
      expect((await ask(app, `/docs/${name}`, { "If-None-Match": etag })).status).toBe(304);
    }
    expect((await ask(app, "/docs/other.js")).status).toBe(404);
  });

  test("works under prefixes, each with its own addresses", async () => {
    const app = new App().route("/api/v1", pets()).route("/:tenant/shop", pets());
    const whole = app as unknown as App;
    for (const base of ["/api/v1", "/a/shop", "/b/shop", "/a/shop"]) {
      const document = (await (await ask(whole, `${base}/openapi.json`)).json()) as object;
      expect(document).toMatchObject({ servers: [{ url: base }] });
      const html = await (await ask(whole, `${base}/docs`)).text();
      const [, script] = /src="([^"]+start\.js)"/.exec(html) ?? [];
      const url = new URL(script as string, `http://localhost${base}/docs`);
      expect(url.pathname).toBe(`${base}/docs/start.js`);
      expect((await ask(whole, url.pathname)).status).toBe(200);
    }
  });

  test("is where it is told to be", async () => {
    const site = docs({ ...info, path: "/", json: "/meta/api.json" });
    const app = new App().use(site).get("/x", () => "x") as unknown as App;
    const html = await (await ask(app, "/")).text();
    expect(html).toContain('data-document="meta/api.json"');
    expect(html).toContain('src="start.js"');
    expect((await ask(app, "/start.js")).status).toBe(200);
    expect(await (await ask(app, "/meta/api.json")).text()).toContain('"/x"');

    const slash = new App({}, { trailingSlash: "ignore" }).use(docs({ ...info, path: "/a/docs" }));
    const from = await (await ask(slash as unknown as App, "/a/docs/")).text();
    expect(from).toContain('data-document="../../openapi.json"');
    expect(from).toContain('src="start.js"');
  });

  test("stands behind the middleware that was declared before it", async () => {
    const closed = middleware("closed", () => new Response("no", { status: 403 }));
    const behind = new App().use(closed).use(docs(info)) as unknown as App;
    const before = new App().use(docs(info)).use(closed) as unknown as App;
    const paths = ["/docs", "/openapi.json", "/docs/start.js"];
    const statuses = (app: App) =>
      Promise.all(paths.map(async (path) => (await ask(app, path)).status));
    expect(await statuses(behind)).toEqual([403, 403, 403]);
    expect(await statuses(before)).toEqual([200, 200, 200]);
    expect(before.routes().map(({ middleware: names }) => names)).toEqual([[], [], [], [], []]);
  });

  test("describes a group where it is that group's", async () => {
    const app = new App()
      .get("/outside", () => "")
      .group([docs(info)], (inner) => inner.get("/inside", () => "")) as unknown as App;
    const text = await (await ask(app, "/openapi.json")).text();
    expect(text).toContain('"/inside"');
    expect(text).not.toContain('"/outside"');
  });

  test("refuses what it cannot be", async () => {
    expect(() => new App().use(docs({ ...info, path: "docs" }))).toThrow('it must begin with "/"');
    expect(() => new App().use(docs({ ...info, json: "/:x.json" }))).toThrow("have no parameters");
    expect(() => new App().use(docs({ title: "x" } as never))).toThrow("openapi: give a version");
    const asLayer = docs(info) as unknown as () => void;
    expect(asLayer).toThrow("give it to app.use(), not to a route");
  });

  test("lets the page ask the servers of the document, and no others", async () => {
    const servers = [
      { url: "https://api.example.com/v1" },
      { url: "/v2" },
      { url: "https://{x}.y" },
    ];
    const app = new App().use(docs({ ...info, servers })) as unknown as App;
    const policy = (await ask(app, "/docs")).headers.get("content-security-policy");
    expect(policy).toContain("connect-src 'self' https://api.example.com;");
  });
});

describe.skipIf(lacks("chromium"))("the page in Chromium", () => {
  const opened: { browser: Browser; server: Server }[] = [];
  afterAll(async () => {
    for (const { browser, server } of opened) {
      await browser.close();
      await server.close();
    }
  });

  test("shows and tries the operations, with no request to anywhere else", async () => {
    const app = new App().route("/api", pets());
    const server = await serve(app, { port: 0, host: "127.0.0.1" });
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    });
    opened.push({ browser, server });
    const page = await browser.newPage();
    const problems: string[] = [];
    const asked: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() !== "log") problems.push(message.text());
    });
    page.on("request", (request) => asked.push(request.url()));
    const origin = `http://127.0.0.1:${server.port}`;
    await page.goto(`${origin}/api/docs`);
    await page.waitForSelector(".opblock-get");
    expect(await page.title()).toBe("Pets & more");
    expect(await page.locator(".opblock").count()).toBe(2);
    expect(await page.locator("#plain").count()).toBe(0);
    expect(await page.textContent(".opblock-get .opblock-summary-path")).toContain("/pets/");

    await page.click(".opblock-get .opblock-summary-control");
    await page.click(".try-out__btn");
    await page.fill(".parameters input", "7");
    const answer = page.waitForResponse(`${origin}/api/pets/7`);
    await page.click(".execute");
    expect(await (await answer).json()).toEqual({ id: 7, name: "Rex" });
    await page.waitForSelector(".live-responses-table .response");

    expect(problems).toEqual([]);
    const local = asked.filter((url) => url.startsWith("data:") || url.startsWith(`${origin}/`));
    expect(asked).toEqual(local);
    expect(asked.length).toBeGreaterThan(4);
  }, 60_000);
});
