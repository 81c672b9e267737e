// A reload that is asked for over the admin listener, of servers that run.
import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { folder, inProcess, serving, sluice } from "./cli.ts";

// Several processes start in each.
setDefaultTimeout(30_000);

interface Wanted {
  readonly text: string;
  readonly workers?: number;
  readonly admin: number;
}

const config = ({ text, workers = 1, admin }: Wanted) => `[server]
port = 0
workers = ${workers}
drain_ms = 1000
[admin]
port = ${admin}
[[route]]
match = { path = "/" }
action = { type = "respond", body = "${text}" }
`;

async function running(wanted: Wanted) {
  const here = folder({ "sluice.toml": config(wanted) });
  const server = await serving([], here.path);
  return {
    write: (text: string) => writeFileSync(join(here.path, "sluice.toml"), text),
    ctl: (...args: string[]) => sluice(["ctl", "reload", ...args], here.path),
    said: async () => (await fetch(server.url, { keepalive: false })).text(),
    reloads: async (port: number) =>
      (await (await fetch(`http://127.0.0.1:${port}/status`, { keepalive: false })).json()).reloads,
    async [Symbol.asyncDispose]() {
      await server.stop();
      here[Symbol.dispose]();
    },
  };
}

test.each([1, 2])("%d process(es) reload, or say what is wrong and go on", async (workers) => {
  const admin = freePort();
  await using server = await running({ text: "old", workers, admin });
  server.write(config({ text: "new", workers, admin }));
  const done = await server.ctl();
  expect(done).toMatchObject({ code: 0, err: "" });
  expect(done.out).toMatch(/^reloaded in \d+ ms\n$/);
  expect(await server.said()).toBe("new");

  server.write(config({ text: "newer", workers, admin }).replace("match", "mtach"));
  const failed = await server.ctl();
  expect(failed).toMatchObject({ code: 1, out: "" });
  expect(failed.err).toMatch(/sluice\.toml:\d+:\d+: error: /);
  expect(failed.err).toContain('did you mean "match"');
  expect(await server.said()).toBe("new");
  expect(await server.reloads(admin)).toMatchObject({ success: 1, failure: 1 });
});

test.each([1, 2])(
  "the outcome is told also where the reload replaces who was asked, %d process(es)",
  async (workers) => {
    const admin = freePort();
    await using server = await running({ text: "old", workers, admin });
    const more = workers === 1 ? 1 : workers + 1;
    server.write(config({ text: "new", workers: more, admin }));
    expect(await server.ctl()).toMatchObject({ code: 0 });
    expect(await server.said()).toBe("new");

    const other = freePort();
    server.write(config({ text: "newer", workers: more, admin: other }));
    // The file says already where it will be; the server is still where it was.
    expect(await server.ctl()).toMatchObject({ code: 1 });
    expect(await server.ctl("--url", `127.0.0.1:${admin}`)).toMatchObject({ code: 0 });
    expect(await server.said()).toBe("newer");
    const last = config({ text: "last", workers: more, admin: other });
    server.write(last.replace(/\[admin\]\n.*\n/, ""));
    expect(await server.ctl("--url", `127.0.0.1:${other}`)).toMatchObject({ code: 0 });
    expect(await server.said()).toBe("last");
  },
);

test("many that ask at once are all told", async () => {
  const admin = freePort();
  await using server = await running({ text: "old", admin });
  server.write(config({ text: "new", admin }));
  const ask = () => fetch(`http://127.0.0.1:${admin}/reload`, { method: "POST", keepalive: false });
  const replies = await Promise.all(Array.from({ length: 20 }, ask));
  expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(await server.said()).toBe("new");
});

test("a name that the server does not know is told", async () => {
  // What a server answers to who asks by another name.
  const fetch = () =>
    Response.json({ code: "unknown_host", detail: 'no name "x"' }, { status: 421 });
  using other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
  using here = folder();
  const url = `http://127.0.0.1:${other.port}`;
  for (const command of [["status"], ["ctl", "reload"], ["ctl", "split"]]) {
    const { code, err } = await inProcess([...command, "--url", url], here.path);
    expect(code).toBe(1);
    expect(err).toContain('error: no name "x"\n');
  }
});

test.each([
  [["reload", "sluice.toml"], "reload takes no file"],
  [["reload", "--reset"], "--reset goes with split"],
  [["relaod"], "sluice ctl reload"],
])("ctl %j is a mistake", async (args, said) => {
  using here = folder();
  const { code, err } = await inProcess(["ctl", ...args], here.path);
  expect(code).toBe(2);
  expect(err).toContain(said);
});

test("what is no server of sluice is said to be none", async () => {
  using other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") });
  using here = folder();
  const url = `http://127.0.0.1:${other.port}`;
  const { code, err } = await inProcess(["ctl", "reload", "--url", url], here.path);
  expect(code).toBe(1);
  expect(err).toContain("has no /reload of sluice");
});
