import { expect, test } from "bun:test";
import { renameSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createTestAuthority } from "../support/certificates.ts";
import { freePort } from "../support/free-port.ts";
import { Program, startLoad, until, workFolder } from "./harness.ts";

const insecure = { tls: { rejectUnauthorized: false } };
const body = async (url: string) => (await fetch(url, insecure)).text();

interface Wanted {
  text: string;
  port?: number;
  workers?: number;
  more?: string;
}

function config({ text, port = 0, workers = 1, more = "" }: Wanted): string {
  return `[server]
port = ${port}
workers = ${workers}
http3 = false
${more}
[[route]]
match = { path = "/" }
action = { type = "respond", body = "${text}" }
`;
}

test.each([1, 2])(
  "a broken file changes nothing and is shown with its place, %d process(es)",
  async (workers) => {
    using folder = workFolder();
    folder.write("sluice.toml", config({ text: "old", workers }));
    await using program = new Program(["-c", "sluice.toml"], folder.path);
    const [url = ""] = await program.listening();
    const children = program.children();
    folder.write("sluice.toml", config({ text: "new", workers }).replace("match", "mtach"));
    program.signal("SIGHUP");
    const failed = await program.next("reload_failed");
    expect(failed.level).toBe("error");
    expect(failed.message).toMatch(/sluice\.toml:\d+:\d+: error: /);
    expect(failed.message).toContain('did you mean "match"');
    expect(await body(url)).toBe("old");
    expect(program.children()).toEqual(children);

    folder.write("sluice.toml", config({ text: "new", workers }));
    program.signal("SIGHUP");
    await program.next("reloaded");
    expect(await body(url)).toBe("new");
    expect(program.children()).toEqual(children);
  },
);

test.each([1, 2])("a port that cannot be had changes nothing, %d process(es)", async (workers) => {
  using folder = workFolder();
  folder.write("sluice.toml", config({ text: "old", workers }));
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  const other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  folder.write("sluice.toml", config({ text: "new", workers, port: other.port }));
  program.signal("SIGHUP");
  await program.next("reload_failed");
  expect(await body(url)).toBe("old");
  other.stop(true);
});

test.each([1, 2])("a key that does not match changes nothing, %d process(es)", async (workers) => {
  using folder = workFolder();
  const authority = createTestAuthority();
  const [one, two] = [authority.server(["127.0.0.1"]), authority.server(["127.0.0.1"])];
  folder.write("cert.pem", one.certificate);
  folder.write("key.pem", one.key);
  const more = '[server.tls]\ncert = "cert.pem"\nkey = "key.pem"';
  folder.write("sluice.toml", config({ text: "old", workers, more }));
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  folder.write("key.pem", two.key);
  program.signal("SIGHUP");
  expect((await program.next("reload_failed")).message).toContain("key");
  expect(await body(url)).toBe("old");
  folder.write("cert.pem", two.certificate);
  program.signal("SIGHUP");
  await program.next("reloaded");
  expect(await body(url)).toBe("old");
});

test.each([1, 2])("TLS on the same port, then another port, %d process(es)", async (workers) => {
  using folder = workFolder();
  const pair = createTestAuthority().server(["127.0.0.1"]);
  folder.write("cert.pem", pair.certificate);
  folder.write("key.pem", pair.key);
  const port = freePort();
  folder.write("sluice.toml", config({ text: "first", workers, port }));
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  const more = '[server.tls]\ncert = "cert.pem"\nkey = "key.pem"';
  folder.write("sluice.toml", config({ text: "secure", workers, port, more }));
  program.signal("SIGHUP");
  await program.next("reloaded");
  const secure = url.replace("http:", "https:");
  await until(async () => (await body(secure).catch(() => "")) === "secure");

  const elsewhere = freePort();
  folder.write("sluice.toml", config({ text: "elsewhere", workers, port: elsewhere }));
  program.signal("SIGHUP");
  await program.next("reloaded");
  expect(await body(`http://127.0.0.1:${elsewhere}/`)).toBe("elsewhere");
  await until(async () => (await body(secure).catch(() => "gone")) === "gone");
});

test("the number of workers changes without a lost request", async () => {
  using folder = workFolder();
  folder.write("sluice.toml", config({ text: "two", workers: 2 }));
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  const stop = startLoad(`${url}/`, "h1", { lanes: 8, rate: 800 });
  folder.write("sluice.toml", config({ text: "three", workers: 3 }));
  program.signal("SIGHUP");
  await program.next("reloaded");
  await until(() => program.children().length === 3);
  folder.write("sluice.toml", config({ text: "one", workers: 1 }));
  program.signal("SIGHUP");
  await program.next("reloaded");
  await until(() => program.children().length === 1);
  expect(await body(url)).toBe("one");
  const result = await stop();
  expect(result.failed).toEqual({});
  expect(result.unconnected).toEqual({});
});

test("one process says that it cannot become several", async () => {
  using folder = workFolder();
  folder.write("sluice.toml", config({ text: "one" }));
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  folder.write("sluice.toml", config({ text: "two", workers: 2 }));
  program.signal("SIGHUP");
  expect((await program.next("reload_failed")).message).toContain("needs a restart");
  expect(await body(url)).toBe("one");
});

test("the admin listener comes and goes", async () => {
  using folder = workFolder();
  const admin = freePort();
  folder.write("sluice.toml", config({ text: "a" }));
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  await program.listening();
  folder.write("sluice.toml", `${config({ text: "a" })}\n[admin]\nport = ${admin}\n`);
  program.signal("SIGHUP");
  await program.next("reloaded");
  const ready = `http://127.0.0.1:${admin}/readyz`;
  expect(JSON.parse(await body(ready))).toEqual({ status: "ready" });
  expect(await body(`http://127.0.0.1:${admin}/`)).toContain("/healthz");
  folder.write("sluice.toml", config({ text: "a" }));
  program.signal("SIGHUP");
  await program.next("reloaded");
  await until(async () => (await body(ready).catch(() => "gone")) === "gone");
});

test("--watch: a write, a rename over it, an included file and a new one", async () => {
  using folder = workFolder();
  mkdirSync(join(folder.path, "conf.d"));
  const main = (text: string) => `include = ["conf.d/*.toml"]\n${config({ text })}`;
  const route = (path: string) =>
    `[[route]]\nmatch = { path = "${path}" }\naction = { type = "respond", body = "at ${path}" }\n`;
  folder.write("conf.d/a.toml", route("/a"));
  folder.write("sluice.toml", main("first"));
  await using program = new Program(["-c", "sluice.toml", "--watch"], folder.path);
  const [url = ""] = await program.listening();

  folder.write("sluice.toml", main("second"));
  await program.next("reloaded");
  expect(await body(url)).toBe("second");

  renameSync(folder.write("next", main("third")), join(folder.path, "sluice.toml"));
  await program.next("reloaded");
  expect(await body(url)).toBe("third");

  folder.write("conf.d/a.toml", route("/b"));
  await program.next("reloaded");
  expect(await body(`${url}/b`)).toBe("at /b");

  folder.write("conf.d/c.toml", route("/c"));
  await program.next("reloaded");
  expect(await body(`${url}/c`)).toBe("at /c");

  folder.write("sluice.toml", "[server");
  await program.next("reload_failed");
  expect(await body(url)).toBe("third");
});

test("what one process cannot change beside HTTP/3 is said, changes nothing and does not keep it from ending", async () => {
  using folder = workFolder();
  const pair = createTestAuthority().server(["127.0.0.1"]);
  folder.write("cert.pem", pair.certificate);
  folder.write("key.pem", pair.key);
  const more = '[server.tls]\ncert = "cert.pem"\nkey = "key.pem"';
  const text = config({ text: "old", more }).replace("http3 = false", "http3 = true");
  folder.write("sluice.toml", text);
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  folder.write("sluice.toml", text.replace("http3 = true", "http3 = true\nhttp2 = false"));
  program.signal("SIGHUP");
  expect((await program.next("reload_failed")).message).toContain("UDP");
  expect(await body(url)).toBe("old");
  program.signal("SIGTERM");
  expect(await program.exited).toBe(0);
});
