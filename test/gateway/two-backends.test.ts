// The tour of the README: two backends, one file, one of them killed under load and brought back.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { folder, serving } from "../cli/cli.ts";

const example = join(import.meta.dir, "../../examples/gateway/two-backends.toml");

interface BackendProcess {
  readonly port: number;
  kill(): Promise<void>;
}

/** A backend in a process of its own that answers with its name. */
async function backend(name: string, port = 0): Promise<BackendProcess> {
  const program = `const server = Bun.serve({ port: ${port}, hostname: "127.0.0.1", reusePort: false,
    fetch: async (request) => { await request.text(); return new Response(${JSON.stringify(name)}); } });
  console.log(server.port);`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "ignore" });
  const { value } = await child.stdout.getReader().read();
  return {
    port: Number(new TextDecoder().decode(value)),
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

test("one of two backends is killed under load: nothing fails; it comes back and is used again", async () => {
  const one = await backend("one");
  let two = await backend("two");
  const { port } = two;
  const config = readFileSync(example, "utf8")
    .replace("port = 8080", "port = 0")
    .replace("127.0.0.1:3001", `127.0.0.1:${one.port}`)
    .replace("127.0.0.1:3002", `127.0.0.1:${port}`);
  using here = folder({ "sluice.toml": config });
  const server = await serving([], here.path);
  const counts = { one: 0, two: 0 };
  const failures: string[] = [];
  let stopped = false;
  const load = async (): Promise<void> => {
    while (!stopped) {
      try {
        const answer = await fetch(`${server.url}/work`);
        const name = (await answer.text()) as "one" | "two";
        if (answer.status === 200) counts[name]++;
        else failures.push(`${answer.status} ${name}`);
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const lanes = Array.from({ length: 8 }, load);
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await Bun.sleep(10);
  };
  await until(() => counts.one > 100 && counts.two > 100);
  await two.kill();
  const before = counts.one;
  await until(() => counts.one > before + 300);
  const gone = counts.two;
  two = await backend("two", port);
  await until(() => counts.two > gone + 100);
  stopped = true;
  await Promise.all(lanes);
  expect(failures).toEqual([]);
  expect(await server.stop()).toBe(0);
  await Promise.all([one.kill(), two.kill()]);
});

test("a reload that adds a backend, changes routes, or is broken, fails no request under load", async () => {
  const backends = await Promise.all(["one", "two"].map((name) => backend(name)));
  const config = (urls: readonly string[], extra = "") => `[server]
port = 0
[[upstream]]
name = "app"
backends = ${JSON.stringify(urls)}
[[route]]
match = { path = "/*" }
action = { type = "proxy", upstream = "app" }
${extra}`;
  const [first, second] = backends.map(({ port }) => `127.0.0.1:${port}`) as [string, string];
  using here = folder({ "sluice.toml": config([first]) });
  const server = await serving([], here.path);
  const seen = new Set<string>();
  const failures: string[] = [];
  let answered = 0;
  let stopped = false;
  const lanes = Array.from({ length: 8 }, async () => {
    while (!stopped) {
      try {
        const answer = await fetch(`${server.url}/work`, { method: "POST", body: "x" });
        seen.add(await answer.text());
        answered++;
        if (answer.status !== 200) failures.push(String(answer.status));
      } catch (error) {
        failures.push(String(error));
      }
    }
  });
  const offers = [
    config([first, second]),
    config(
      [first, second],
      '[[route]]\nmatch = { path = "/other" }\naction = { type = "respond" }',
    ),
    "[[upstream]]\nname = 1",
    config([second]),
  ];
  for (const text of offers) {
    await Bun.write(join(here.path, "sluice.toml"), text);
    process.kill(server.started.pid, "SIGHUP");
    const enough = answered + 200;
    while (answered < enough) await Bun.sleep(10);
  }
  stopped = true;
  await Promise.all(lanes);
  expect(failures).toEqual([]);
  expect(seen).toEqual(new Set(["one", "two"]));
  expect(await server.stop()).toBe(0);
  await Promise.all(backends.map(({ kill }) => kill()));
});
