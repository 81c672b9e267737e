import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;
/** Outside the repository, so that nothing is found by being near. */
const folder = mkdtempSync(join(tmpdir(), "sluice-build-"));
const out = join(folder, "dist");
const executable = join(out, "bin", "sluice");

beforeAll(async () => {
  const build = Bun.spawn([process.execPath, join(root, "scripts/build.ts"), out], {
    cwd: root,
    env: { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}` },
    stdout: "ignore",
    stderr: "inherit",
  });
  expect(await build.exited).toBe(0);
  mkdirSync(join(folder, "site"));
  writeFileSync(join(folder, "site", "index.html"), "<h1>built</h1>");
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test("the executable tells its version", async () => {
  const child = Bun.spawn([executable, "--version"], { cwd: folder, stdout: "pipe" });
  expect(await new Response(child.stdout).text()).toMatch(/^sluice \d+\.\d+\.\d+\n$/);
});

for (const workers of ["1", "2"]) {
  test(`the executable serves a directory over TLS and HTTP/3 with ${workers} worker(s), and drains`, async () => {
    const cert = Bun.spawn([executable, "cert", "--force"], { cwd: folder, stdout: "ignore" });
    expect(await cert.exited).toBe(0);
    writeFileSync(
      join(folder, "sluice.toml"),
      `[server]\nport = 0\nworkers = ${workers}\n\n[server.tls]\ncert = "cert.pem"\nkey = "key.pem"\n\n[[route]]\nmatch = { path = "/*" }\naction = { type = "static", root = "site" }\n`,
    );
    const child = Bun.spawn([executable], { cwd: folder, stdout: "pipe", stderr: "inherit" });
    const { value } = await child.stdout.getReader().read();
    const told = JSON.parse(new TextDecoder().decode(value).split("\n")[0] as string) as {
      addresses: { url: string }[];
    };
    const { port } = new URL((told.addresses[0] as { url: string }).url);
    const answer = await fetch(`https://localhost:${port}/`, {
      tls: { rejectUnauthorized: false },
    });
    expect(await answer.text()).toBe("<h1>built</h1>");
    const overHttp3 = await fetch(`https://127.0.0.1:${port}/`, {
      protocol: "http3",
      tls: { rejectUnauthorized: false },
    } as BunFetchRequestInit);
    expect(await overHttp3.text()).toBe("<h1>built</h1>");
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  }, 30_000);
}

test("the modules run on Node", async () => {
  const script = `
    const { App } = await import(${JSON.stringify(join(out, "index.js"))});
    const app = new App().get("/hello", () => "from Node");
    const answer = await app.fetch(new Request("http://a.example/hello"));
    console.log(answer.status, await answer.text());`;
  const child = Bun.spawn(["node", "--input-type=module", "-e", script], {
    cwd: folder,
    stdout: "pipe",
    stderr: "inherit",
  });
  expect(await new Response(child.stdout).text()).toBe("200 from Node\n");
});
