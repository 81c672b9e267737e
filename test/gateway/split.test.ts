// Canary releases: requests shared out between upstreams, through a server that runs, changed while it does.
import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "../../src/core/app.ts";
import { gateway } from "../../src/gateway/gateway.ts";
import { folder, serving, sluice } from "../cli/cli.ts";
import { until } from "../lifecycle/harness.ts";
import { asker, withServers } from "./with-gateway.ts";

// Several processes start in each.
setDefaultTimeout(30_000);

const saying = (text: string) => new App().all("/*", () => new Response(text));

const config = (ports: readonly number[], action: string, rest = "") => `
${rest}
[[upstream]]
name = "old"
backends = ["127.0.0.1:${ports[0]}"]
[[upstream]]
name = "new"
backends = ["127.0.0.1:${ports[1]}"]
[[route]]
name = "shop"
match.path = "/*"
[route.action]
type = "split"
${action}
`;
const sides = (old: number, next: number) =>
  `choices = [{ upstream = "old", weight = ${old} }, { upstream = "new", weight = ${next}, name = "canary" }]`;

const asked = <T>(action: string, run: (ask: Awaited<ReturnType<typeof asker>>) => Promise<T>) =>
  withServers([saying("old"), saying("new")], async (ports) =>
    run(await asker(config(ports, action))),
  );

test("each side has its share, and none with a weight of 0", async () => {
  await asked(sides(3, 1), async (ask) => {
    let canary = 0;
    for (let i = 0; i < 400; i++) if ((await (await ask("/")).text()) === "new") canary++;
    // 100 are expected: 60 are 4.6 standard deviations away.
    expect(canary).toBeGreaterThan(60);
    expect(canary).toBeLessThan(140);
  });
  await asked(sides(1, 0), async (ask) => {
    for (let i = 0; i < 50; i++) expect(await (await ask("/")).text()).toBe("old");
  });
});

test("a cookie keeps a client on its side; a new one is random, and hard to misuse", async () => {
  await asked(`${sides(1, 1)}\nsticky = { cookie = "side", max_age_secs = 60 }`, async (ask) => {
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const first = await ask("/");
      const cookie = first.headers.get("set-cookie") ?? "";
      expect(cookie).toMatch(/^side=[0-9a-f-]{36}; Max-Age=60; Path=\/; HttpOnly; SameSite=Lax$/);
      const side = await first.text();
      seen.add(side);
      for (let j = 0; j < 3; j++) {
        const again = await ask("/", {
          headers: { cookie: `a=b; ${cookie.slice(0, cookie.indexOf(";"))}` },
        });
        expect(again.headers.get("set-cookie")).toBeNull();
        expect(await again.text()).toBe(side);
      }
    }
    expect(seen).toEqual(new Set(["old", "new"]));
  });
  await asked(
    `${sides(1, 1)}\nsticky = { cookie = "session", set_cookie = false }`,
    async (ask) => {
      expect((await ask("/")).headers.get("set-cookie")).toBeNull();
    },
  );
});

test("a field keeps a client on its side; growing the canary takes nobody off it", async () => {
  const users = Array.from({ length: 60 }, (_, i) => `user-${i}`);
  const canaries = (old: number, next: number) =>
    asked(`${sides(old, next)}\nsticky = { header = "x-user" }`, async (ask) => {
      const found = new Set<string>();
      for (const user of users) {
        const headers = { "x-user": user };
        const [one, two] = [await ask("/", { headers }), await ask("/x", { headers })];
        const side = await one.text();
        expect(await two.text()).toBe(side);
        if (side === "new") found.add(user);
      }
      return found;
    });
  const few = await canaries(80, 20);
  const many = await canaries(40, 60);
  expect(few.size).toBeGreaterThan(0);
  expect(many.size).toBeGreaterThan(few.size);
  expect([...few].filter((user) => !many.has(user))).toEqual([]);
});

for (const workers of [1, 2]) {
  test(`weights are changed in ${workers} processes, stay through reloads, and go back`, async () => {
    await withServers([saying("old"), saying("new")], async (ports) => {
      const rest = `[server]\nport = 0\nworkers = ${workers}\ndrain_ms = 200\n[admin]\nport = 0\n`;
      using here = folder({ "sluice.toml": config(ports, sides(1, 0), rest) });
      const server = await serving([], here.path);
      const admin = server.started.addresses[1]?.url as string;
      const sideOf = async (): Promise<string> =>
        (await fetch(server.url, { keepalive: false })).text();
      /** Every worker answers some of so many. */
      const all = async (side: string): Promise<boolean> => {
        for (let i = 0; i < 12; i++) if ((await sideOf()) !== side) return false;
        return true;
      };
      const ctl = (...args: string[]) =>
        sluice(["ctl", "split", ...args, "--url", admin], here.path);
      expect(await all("old")).toBe(true);
      const change = await ctl("shop", "old=0", "canary=5");
      expect(change).toMatchObject({ code: 0 });
      expect(change.out).toMatch(/shop {2}\(changed; .*\n {2}old +0 +0\.0 % {2}was 1\n/);
      await until(() => all("new"));
      // Another route changes, not this one.
      const more =
        '[[route]]\npriority = 1\nmatch.path = "/more"\naction = { type = "respond", body = "more" }\n';
      writeFileSync(join(here.path, "sluice.toml"), config(ports, sides(1, 0), rest) + more);
      process.kill(server.started.pid, "SIGHUP");
      await until(async () => (await (await fetch(`${server.url}/more`)).text()) === "more");
      expect(await all("new")).toBe(true);
      const metrics = await (await fetch(`${admin}/metrics`)).text();
      expect(metrics).toMatch(
        /sluice_split_requests_total\{split="shop",choice="canary",status="2xx"\} \d+/,
      );
      expect(metrics).toContain('sluice_split_weight{split="shop",choice="canary"} 5\n');
      expect(await ctl("shop", "--reset")).toMatchObject({ code: 0 });
      await until(() => all("old"));
      // A change of the split itself is the last word.
      await ctl("shop", "old=0", "canary=5");
      await until(() => all("new"));
      writeFileSync(join(here.path, "sluice.toml"), config(ports, sides(2, 0), rest));
      process.kill(server.started.pid, "SIGHUP");
      await until(() => all("old"));
      expect(await server.stop()).toBe(0);
    });
  });
}

test("changes that cannot be are refused, and pages may make none", async () => {
  await withServers([saying("old"), saying("new")], async (ports) => {
    const rest = "[server]\nport = 0\n[admin]\nport = 0\n";
    using here = folder({ "sluice.toml": config(ports, sides(1, 0), rest) });
    const server = await serving([], here.path);
    const admin = server.started.addresses[1]?.url as string;
    const post = async (name: string, body: unknown, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${admin}/splits/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      return `${answer.status} ${(await answer.json()).detail}`;
    };
    expect(await post("shpo", { old: 1 })).toBe('404 there is no split "shpo": there are shop.');
    expect(await post("shop", { odl: 1 })).toBe(
      '422 "odl" is no choice of it: there are old, canary.',
    );
    for (const weight of [-1, 0.5, "1", 1e9, null]) {
      expect(await post("shop", { old: weight })).toContain("422 the weight of");
    }
    expect(await post("shop", { old: 0 })).toContain("422 one of its choices must have");
    expect(await post("shop", [])).toContain("422 Send the weights by choice");
    expect(await post("shop", "{")).toStartWith("400 ");
    expect(await post("shop", { old: 0, canary: 1 }, { "content-type": "text/plain" })).toStartWith(
      "415 ",
    );
    expect(await post("shop", { old: 0, canary: 1 }, { origin: "http://x.test" })).toStartWith(
      "403 ",
    );
    const { splits } = await (await fetch(`${admin}/splits`)).json();
    expect(splits).toEqual([
      {
        name: "shop",
        changed: false,
        choices: [
          { name: "old", weight: 1, configured: 1 },
          { name: "canary", weight: 0, configured: 0 },
        ],
      },
    ]);
    const ctl = (...args: string[]) => sluice(["ctl", ...args, "--url", admin], here.path);
    expect(await ctl("split", "shpo", "old=1")).toMatchObject({ code: 1 });
    expect((await ctl("split", "shop", "old")).code).toBe(2);
    expect((await ctl("split", "shop")).code).toBe(2);
    expect((await ctl()).code).toBe(2);
    expect(
      (await sluice(["ctl", "split", "--url", "http://127.0.0.1:1"], here.path)).err,
    ).toContain("nothing listens at");
    expect(await server.stop()).toBe(0);
  });
});

test("examples/gateway/canary.toml", async () => {
  const example = join(import.meta.dir, "../../examples/gateway/canary.toml");
  await withServers([saying("old"), saying("new")], async ([old, next]) => {
    using here = folder({
      "sluice.toml": readFileSync(example, "utf8")
        .replace("port = 8080", "port = 0")
        .replace("port = 9180", "port = 0")
        .replace("127.0.0.1:3001", `127.0.0.1:${old}`)
        .replace("127.0.0.1:3002", `127.0.0.1:${next}`),
    });
    const server = await serving([], here.path);
    const admin = server.started.addresses[1]?.url as string;
    const moved = await fetch(`${server.url}/old-shop/hat-7`, { redirect: "manual" });
    expect([moved.status, moved.headers.get("location")]).toEqual([308, "/items/hat-7"]);
    const seen = new Set<string>();
    await until(async () => {
      seen.add(await (await fetch(server.url)).text());
      return seen.size === 2;
    });
    const change = ["ctl", "split", "shop", "shop=0", "shop-next=1", "--url", admin];
    expect(await sluice(change, here.path)).toMatchObject({ code: 0 });
    for (let i = 0; i < 20; i++) expect(await (await fetch(server.url)).text()).toBe("new");
    expect(await server.stop()).toBe(0);
  });
});

test("a gateway in a program changes its splits", async () => {
  await withServers([saying("old"), saying("new")], async ([old, next]) => {
    const front = await gateway({
      upstream: [
        { name: "old", backends: [`127.0.0.1:${old}`] },
        { name: "new", backends: [`127.0.0.1:${next}`] },
      ],
      route: [
        {
          action: {
            type: "split",
            choices: [
              { upstream: "old", weight: 1 },
              { upstream: "new", weight: 0 },
            ],
          },
        },
      ],
    });
    await front.start?.();
    const ask = async () => (await front.fetch(new Request("http://x.test/"))).text();
    expect(await ask()).toBe("old");
    await front.splits.change("route-1", { old: 0, new: 1 });
    expect(await ask()).toBe("new");
    expect(front.splits.states()[0]?.changed).toBe(true);
    expect(await front.splits.change("other", {}).catch(String)).toContain("there are route-1");
    await front.splits.change("route-1", undefined);
    expect(await ask()).toBe("old");
    await front.stop?.();
  });
});
