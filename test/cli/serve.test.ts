import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { folder, serving, sluice } from "./cli.ts";

const LAUNCHER = join(import.meta.dir, "../../bin/sluice.js");

const text = async (url: string, init?: BunFetchRequestInit) => (await fetch(url, init)).text();

describe("sluice DIR", () => {
  test("serves the files, says where in one line of JSON, and stops with 0", async () => {
    using here = folder({ "site/index.html": "<h1>hi</h1>", "site/a/b.txt": "b" });
    const server = await serving(["site", "--port", "0"], here.path);
    expect(server.started).toMatchObject({
      event: "listening",
      root: join(here.path, "site"),
      addresses: [{ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) }],
    });
    expect(await text(`${server.url}/`)).toBe("<h1>hi</h1>");
    expect(await text(`${server.url}/a/b.txt`)).toBe("b");
    expect((await fetch(`${server.url}/nowhere`)).status).toBe(404);
    expect(await server.stop("SIGTERM")).toBe(0);
  });

  test("--spa and --listing", async () => {
    using here = folder({ "spa/index.html": "app", "list/a.txt": "" });
    const [spa, list] = await Promise.all([
      serving(["spa", "--spa", "-p", "0"], here.path),
      serving(["list", "--listing", "-p", "0"], here.path),
    ]);
    expect(await text(`${spa.url}/some/where`)).toBe("app");
    expect(await text(`${list.url}/`)).toContain("a.txt");
    expect(await Promise.all([spa.stop("SIGINT"), list.stop()])).toEqual([0, 0]);
  });

  test("--tls serves HTTPS with a certificate of its own", async () => {
    using here = folder({ "index.html": "secret" });
    const server = await serving([".", "--tls", "--port", "0"], here.path);
    expect(server.url).toStartWith("https://127.0.0.1:");
    expect(await text(`${server.url}/`, { tls: { rejectUnauthorized: false } })).toBe("secret");
    expect(await server.stop()).toBe(0);
  });

  test("a container opens it by the environment", async () => {
    using here = folder({ "index.html": "x" });
    const env = { SLUICE_SERVER__HOST: "0.0.0.0", SLUICE_SERVER__PORT: "0" };
    const server = await serving(["."], here.path, env);
    const { port } = new URL(server.url);
    expect(port).not.toBe("8080");
    expect(await text(`http://127.0.0.1:${port}/`)).toBe("x");
    expect(await server.stop()).toBe(0);
  });
});

describe("sluice -c FILE", () => {
  const config = `[server]
port = 0
[[route]]
match = { host = "a.test" }
action = { type = "respond", body = "virtual" }
[[route]]
match.path = "/old/*"
action = { type = "redirect", to = "/", keep_path = true }
[[route]]
action = { type = "static", root = "public" }
`;

  test("serves what the configuration says; its paths are relative to it", async () => {
    using here = folder({ "conf/sluice.toml": config, "conf/public/index.html": "site" });
    const server = await serving(["-c", "conf/sluice.toml"], here.path);
    expect(server.started.config).toBe(join(here.path, "conf/sluice.toml"));
    expect(await text(`${server.url}/`)).toBe("site");
    expect(await text(`${server.url}/`, { headers: { host: "a.test" } })).toBe("virtual");
    const moved = await fetch(`${server.url}/old/x`, { redirect: "manual" });
    expect([moved.status, moved.headers.get("location")]).toEqual([302, "/x"]);
    expect(await server.stop()).toBe(0);
  });

  test("./sluice.toml is used if nothing is named, and options are stronger", async () => {
    using here = folder({
      "sluice.toml": config.replace("port = 0", "port = 1"),
      "public/index.html": "here",
    });
    const server = await serving(["--port", "0"], here.path);
    expect(await text(`${server.url}/`)).toBe("here");
    expect(await server.stop()).toBe(0);
  });

  test("a broken one does not start", async () => {
    using here = folder({ "sluice.toml": config });
    const { code, out, err } = await sluice([], here.path);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(`cannot serve ${join(here.path, "public")}: there is no such directory`);
  });
});

describe("what keeps a server from starting says what to do", () => {
  test("a port in use", async () => {
    using here = folder({ "index.html": "" });
    const first = await serving([".", "--port", "0"], here.path);
    const { port } = new URL(first.url);
    const { code, out, err } = await sluice([".", "--port", port], here.path);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(`port ${port} on 127.0.0.1 is in use by another program`);
    expect(err).toContain("choose another one with --port");
    expect(await first.stop()).toBe(0);
  });

  test("an address that is not ours", async () => {
    using here = folder({ "index.html": "" });
    const { code, err } = await sluice([".", "--host", "192.0.2.1", "--port", "0"], here.path);
    expect(code).toBe(1);
    expect(err).toContain("192.0.2.1 is no address of this machine");
  });

  test("a port that is none", async () => {
    using here = folder({ "index.html": "" });
    const { code, err } = await sluice([".", "--port", "http"], here.path);
    expect(code).toBe(1);
    expect(err).toStartWith(
      '--port: error: server.port must be a whole number from 0 to 65535, not "http"',
    );
  });
});

describe("bin/sluice.js, on Node", () => {
  test("passes arguments, output and exit code on", async () => {
    using here = folder({ ".env": "SLUICE_SERVER__PORT=1\n", "index.html": "" });
    const run = (...args: string[]) =>
      Bun.spawnSync(["node", LAUNCHER, ...args], { cwd: here.path });
    expect(run("--version").stdout.toString()).toStartWith("sluice ");
    expect(run("chekc").exitCode).toBe(2);
    // A file of the directory that is served is no configuration.
    expect(run("print", ".").stdout.toString()).toContain("port = 8080 ");
  });

  test("passes signals on", async () => {
    using here = folder({ "index.html": "" });
    const child = Bun.spawn(["node", LAUNCHER, ".", "--port", "0"], {
      cwd: here.path,
      stdout: "pipe",
    });
    const { value } = await child.stdout.getReader().read();
    expect(JSON.parse(new TextDecoder().decode(value))).toMatchObject({ event: "listening" });
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  });
});
