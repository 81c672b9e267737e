// Discovery with the real thing: dnsmasq and etcd.
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { startGateway } from "../support/gateway.ts";
import { namedOrigin, untilAnswer, whoAnswers } from "../support/named-origins.ts";
import { lacks } from "../support/programs.ts";

setDefaultTimeout(30_000);

const closers: (() => unknown)[] = [];
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-peers-"));
});
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
});

function run(...command: string[]) {
  const child = Bun.spawn(command, { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await child.exited;
  };
  closers.push(stop);
  return { child, stop };
}

const config = (discovery: string) => `[[upstream]]
name = "api"
discovery = { ${discovery} }
retry = { attempts = 1 }
[[route]]
action = { type = "proxy", upstream = "api" }
`;

test.skipIf(lacks("dnsmasq"))(
  "dnsmasq: addresses and services, and a name that changes",
  async () => {
    await using one = namedOrigin("one");
    await using _two = namedOrigin("two", "127.0.0.2", one.port);
    const port = freePort();
    const hosts = join(folder, "hosts");
    writeFileSync(hosts, "127.0.0.1 api.test\n127.0.0.2 api.test\n127.0.0.2 two.test\n");
    const { child } = run(
      "dnsmasq",
      "-k",
      `--port=${port}`,
      "--listen-address=127.0.0.1",
      "--bind-interfaces",
      "--no-resolv",
      "--no-hosts",
      `--addn-hosts=${hosts}`,
      "--conf-file=/dev/null",
      "--local-ttl=1",
      "--user=root",
      `--pid-file=${join(folder, "pid")}`,
      "--local=/test/",
      `--srv-host=_http._tcp.api.test,two.test,${one.port},10,5`,
      "--cname=alias.test,api.test",
    );
    const resolver = `resolvers = ["127.0.0.1:${port}"], min_ttl_secs = 0`;
    const dns = `type = "dns", port = ${one.port}, ${resolver}`;
    await using gateway = await startGateway(config(`${dns}, name = "alias.test"`));
    await untilAnswer(gateway, "one", "two");
    await using services = await startGateway(
      config(`type = "dns_srv", name = "_http._tcp.api.test", ${resolver}`),
    );
    expect(await whoAnswers(services, 3)).toEqual(["two"]);
    expect(services.upstreams[0]?.backends[0]?.weight).toBe(5);
    writeFileSync(hosts, "127.0.0.2 api.test\n");
    child.kill("SIGHUP");
    await untilAnswer(gateway, "two");
    await using nobody = await startGateway(config(`${dns}, name = "nobody.test"`));
    expect(nobody.upstreams[0]?.discovery?.reason).toBe("DNS has no address for nobody.test");
  },
);

test.skipIf(lacks("etcd"))(
  "etcd: keys, a lease that ends, compaction, a restart, a password",
  async () => {
    await using one = namedOrigin("one");
    await using two = namedOrigin("two");
    const [client, peer] = [freePort(), freePort()];
    const url = `http://127.0.0.1:${client}`;
    const start = () =>
      run(
        "etcd",
        `--data-dir=${join(folder, "data")}`,
        `--listen-client-urls=${url}`,
        `--advertise-client-urls=${url}`,
        `--listen-peer-urls=http://127.0.0.1:${peer}`,
        `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
        `--initial-cluster=default=http://127.0.0.1:${peer}`,
        "--logger=zap",
      );
    let etcd = start();
    let authorization = "";
    const call = async (path: string, body: object): Promise<any> => {
      for (;;) {
        try {
          const headers = authorization === "" ? {} : { authorization };
          const reply = await fetch(url + path, {
            method: "POST",
            body: JSON.stringify(body),
            headers,
          });
          if (reply.status < 500) return await reply.json();
        } catch {
          // It is about to start.
        }
        await Bun.sleep(30);
      }
    };
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    const put = (key: string, value: string, lease = "0") =>
      call("/v3/kv/put", { key: base64(key), value: base64(value), lease });
    await put("/api/1", one.address);
    const source = `type = "etcd", prefix = "/api/", addresses = ["${url}"]`;
    await using gateway = await startGateway(config(source));
    const [upstream] = gateway.upstreams;
    expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
    const { ID } = await call("/v3/lease/grant", { TTL: "60" });
    await put("/api/2", JSON.stringify({ url: two.address, weight: 2 }), ID);
    await untilAnswer(gateway, "one", "two");
    await call("/v3/lease/revoke", { ID });
    await untilAnswer(gateway, "one");

    // It goes away and comes back, without what the watch had begun from.
    await etcd.stop();
    while (upstream?.discovery?.state !== "failing") await Bun.sleep(10);
    expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
    etcd = start();
    await put("/api/1", two.address);
    const { header } = await put("/api/1", two.address);
    await call("/v3/kv/compaction", { revision: header.revision });
    await untilAnswer(gateway, "two");

    for (const user of ["root", "gateway"]) {
      await call("/v3/auth/user/add", { name: user, password: "secret" });
      await call("/v3/auth/role/add", { name: user });
      await call("/v3/auth/user/grant", { user, role: user });
    }
    const [key, range_end] = [base64("/api/"), base64("/api0")];
    await call("/v3/auth/role/grant", {
      name: "gateway",
      perm: { permType: "READ", key, range_end },
    });
    await call("/v3/auth/enable", {});
    const known = `${source}, user = "gateway", password = "secret"`;
    await using allowed = await startGateway(config(known));
    expect(await whoAnswers(allowed, 3)).toEqual(["two"]);
    const login = await call("/v3/auth/authenticate", { name: "root", password: "secret" });
    authorization = login.token as string;
    await put("/api/3", one.address);
    await untilAnswer(allowed, "one", "two");
    await using refused = await startGateway(config(source));
    expect(refused.upstreams[0]?.discovery?.reason).toContain("etcd answers 4");
  },
);
