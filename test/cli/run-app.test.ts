import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, serving, sluice } from "./cli.ts";

const core = JSON.stringify(join(import.meta.dir, "../../src/index.ts"));

const module = (greeting: string) => `
import { writeFileSync } from "node:fs";
import { App } from ${core};
export const app = new App()
  .provide("greeting", () => ${JSON.stringify(greeting)}, { dispose: () => writeFileSync("ended", "") })
  .get("/hello/:name", ({ params, deps }) => \`\${deps.greeting} \${params.name}\`)
  .get("/boom", () => { throw new Error("secret"); });
`;

const text = async (url: string) => (await fetch(url)).text();

/** Asks until the answer is as wanted; a test's own time limit is the end. */
async function until(url: string, wanted: string): Promise<void> {
  for (;;) {
    const found = await text(url).catch(() => "");
    if (found === wanted) return;
    await Bun.sleep(30);
  }
}

test("serves the App of a module, tells the log of what fails, and ends its services", async () => {
  using here = folder({ "app.ts": module("hi") });
  const log = join(here.path, "errors.log");
  writeFileSync(join(here.path, "s.toml"), '[log]\nerror = "errors.log"\n');
  const server = await serving(["run", "app.ts", "-p", "0", "-c", "s.toml"], here.path);
  expect(await text(`${server.url}/hello/Ada`)).toBe("hi Ada");
  const failed = await fetch(`${server.url}/boom`);
  const { id, detail } = (await failed.json()) as { id: string; detail: string };
  expect([failed.status, detail.includes("secret")]).toEqual([500, false]);
  expect(await server.stop()).toBe(0);
  const line = readFileSync(log, "utf8")
    .split("\n")
    .find((one) => one.includes(id));
  expect(line).toContain("secret");
  expect(existsSync(join(here.path, "ended"))).toBe(true);
});

test("a promise that nobody awaits is in the log, and the others are served on", async () => {
  const lost = `
import { App, middleware } from ${core};
const forgets = middleware("forgets", async (c, next) => { next(); return c.text("early"); });
export const app = new App()
  .get("/fine", () => "fine")
  .get("/lost", () => { void Promise.reject(new Error("lost one")); return "sent"; })
  .get("/forgotten", { use: [forgets] }, async () => { await 1; throw new Error("forgotten one"); });
`;
  using here = folder({ "app.ts": lost, "s.toml": '[log]\nerror = "errors.log"\n' });
  const server = await serving(["run", "app.ts", "-p", "0", "-c", "s.toml"], here.path);
  expect(await text(`${server.url}/lost`)).toBe("sent");
  expect(await text(`${server.url}/forgotten`)).toBe("early");
  expect(await text(`${server.url}/fine`)).toBe("fine");
  expect(await server.stop()).toBe(0);
  const log = readFileSync(join(here.path, "errors.log"), "utf8");
  expect(log).toContain("lost one");
  expect(log).toContain("forgotten one");
});

test("several workers each have the App", async () => {
  using here = folder({ "app.ts": module("hi") });
  const server = await serving(["run", "app.ts", "-p", "0", "--workers", "2"], here.path);
  expect(await text(`${server.url}/hello/Ada`)).toBe("hi Ada");
  expect(await server.stop()).toBe(0);
});

test("a route of a configuration can be an App, beside others", async () => {
  using here = folder({
    "app.ts": module("hi").replace("export const app", "export const api"),
    "sluice.toml": `
[server]
port = 0
[[route]]
match = { path = "/hello/*" }
action = { type = "app", module = "./app.ts", export = "api" }
[[route]]
action = { type = "respond", body = "else" }
`,
  });
  const server = await serving([], here.path);
  expect(await text(`${server.url}/hello/Ada`)).toBe("hi Ada");
  expect(await text(`${server.url}/other`)).toBe("else");
  expect(await server.stop()).toBe(0);
  expect(existsSync(join(here.path, "ended"))).toBe(true);
});

test("--watch starts again when a file changes, also after one that was broken", async () => {
  using here = folder({ "app.ts": module("one") });
  // The port must be the same after the change.
  const probe = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = probe;
  await probe.stop(true);
  const server = await serving(["run", "app.ts", "-p", String(port), "--watch"], here.path);
  await until(`${server.url}/hello/a`, "one a");
  writeFileSync(join(here.path, "app.ts"), "this is no program");
  await Bun.sleep(400);
  writeFileSync(join(here.path, "app.ts"), module("two"));
  await until(`${server.url}/hello/a`, "two a");
  expect(await server.stop()).toBe(0);
}, 20_000);

test.each([
  [
    ["app.ts"],
    "app.ts is a file, not a directory\n  = help: to run it as an application: sluice run app.ts",
  ],
  [["new", "app.ts"], "app.ts is there already, a file"],
])("%p is told what was meant", async (args, message) => {
  using here = folder({ "app.ts": module("hi") });
  const found = await sluice(args, here.path);
  expect([found.code, found.err.includes(message)]).toEqual([2, true]);
});

test.each([
  ["nope.ts", 2, /no file nope\.ts/],
  ["empty.ts", 1, /must export an App/],
  [".", 2, /\. is a directory/],
  ["broken.ts", 1, /cannot load/],
  ["misspelt.ts", 1, /misspelt\.ts:2:1\d: [^]* 2 \| export const = 1;\n/],
  ["settings.ts", 1, /\n {2}db\.url: missing\n/],
  ["twice.ts", 1, /twice\.ts:\d+/],
])("%s is told with what to do", async (name, code, message) => {
  using here = folder({
    "empty.ts": "export const application = 1;",
    "broken.ts": "import './missing.ts';",
    "misspelt.ts": "import 'node:fs';\nexport const = 1;\n",
    "settings.ts":
      "throw Object.assign(new Error('[…]'), { issues: [{ path: ['db', 'url'], message: 'missing' }] });",
    "twice.ts": `import { App } from ${core};
export default new App().get("/:a", () => "a").get("/:b", () => "b");`,
  });
  const found = await sluice(["run", name, "-p", "0"], here.path);
  expect(found.err).toMatch(message);
  expect([found.code, found.err.includes("    at ")]).toEqual([code, false]);
});
