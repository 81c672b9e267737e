// Backends from DNS, asked of a server over real sockets, through a gateway that runs.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromDns, fromDnsService } from "../../src/upstream/discovery/dns/dns-source.ts";
import { resolve } from "../../src/upstream/discovery/dns/resolve.ts";
import { createTestAuthority } from "../support/certificates.ts";
import { startDnsServer } from "../support/dns-server.ts";
import { freePort } from "../support/free-port.ts";
import { startGateway } from "../support/gateway.ts";
import { namedOrigin, untilAnswer, whoAnswers } from "../support/named-origins.ts";

const config = (discovery: string, more = "") => `[[upstream]]
name = "api"
discovery = { ${discovery}, min_ttl_secs = 0 }
${more}
[[route]]
action = { type = "proxy", upstream = "api" }
`;

/** Names without their ports. */
const backendsOf = (gateway: Awaited<ReturnType<typeof startGateway>>) =>
  gateway.upstreams[0]!.backends.map(({ name, weight, backup }) => ({ name, weight, backup }));

describe("addresses", () => {
  test("one backend each, asked for again when their time is over; failures keep them", async () => {
    await using dns = await startDnsServer();
    await using one = namedOrigin("one");
    await using two = namedOrigin("two", "127.0.0.2", one.port);
    await using three = namedOrigin("three", "127.0.0.3", one.port);
    dns.zone.set("api.internal", [{ cname: "real.internal", ttl: 300 }]);
    dns.zone.set("real.internal", [
      { a: "127.0.0.1", ttl: 0 },
      { a: "127.0.0.2", ttl: 300 },
    ]);
    await using gateway = await startGateway(
      config(
        `type = "dns", name = "API.internal", port = ${one.port}, family = "ipv4", resolvers = ["127.0.0.1:${dns.port}"]`,
        // What is gone must not be hidden by a retry.
        "retry = { attempts = 1 }",
      ),
    );
    expect(await whoAnswers(gateway)).toEqual(["one", "two"]);
    dns.zone.set("real.internal", [
      { a: "127.0.0.2", ttl: 0 },
      { a: "127.0.0.3", ttl: 0 },
    ]);
    await untilAnswer(gateway, "two", "three");

    const { discovery } = gateway.upstreams[0]!;
    dns.mood = 2;
    while (discovery?.state !== "failing") await Bun.sleep(5);
    expect(discovery.reason).toBe(
      `DNS server 127.0.0.1:${dns.port} answers SERVFAIL to API.internal (A)`,
    );
    expect(await whoAnswers(gateway)).toEqual(["three", "two"]);
    dns.mood = "well";
    dns.zone.delete("real.internal");
    while (!discovery.reason?.includes("no address")) await Bun.sleep(5);
    expect(await whoAnswers(gateway)).toEqual(["three", "two"]);
    dns.zone.set("real.internal", [{ a: "127.0.0.1", ttl: 0 }]);
    await untilAnswer(gateway, "one");
    expect([two.arrived, three.arrived].every((count) => count > 0)).toBe(true);
  });

  test("a kind of address that no server answers for keeps those it had", async () => {
    await using dns = await startDnsServer();
    const name = "api.internal";
    const v6 = "2001:0db8:0000:0000:0000:0000:0000:0001";
    dns.zone.set(name, [{ a: "192.0.2.1", ttl: 0 }]);
    dns.failing.add(`${name} AAAA`);
    const resolvers = [`127.0.0.1:${dns.port}`];
    const stop = new AbortController();
    const source = fromDns({ name, port: 80, minTtl: 0, resolvers });
    const answers = source.watch(stop.signal)[Symbol.asyncIterator]();
    const next = async () => {
      const { value } = await answers.next();
      return (value as { url: string }[]).map(({ url }) => url);
    };
    // It never had any, and is no reason to be without backends.
    expect(await next()).toEqual(["http://192.0.2.1:80"]);
    dns.failing.clear();
    dns.zone.set(name, [
      { a: "192.0.2.1", ttl: 0 },
      { aaaa: v6, ttl: 0 },
    ]);
    expect(await next()).toEqual(["http://192.0.2.1:80", "http://[2001:db8::1]:80"]);
    dns.failing.add(`${name} AAAA`);
    dns.zone.set(name, [{ a: "192.0.2.2", ttl: 0 }]);
    expect(await next()).toEqual(["http://192.0.2.2:80", "http://[2001:db8::1]:80"]);
    // Nobody answers for the one, and it is certain that there is none of the other.
    dns.failing.clear();
    dns.zone.set(name, [{ a: "192.0.2.2", ttl: 0 }]);
    expect(await next()).toEqual(["http://192.0.2.2:80"]);
    dns.failing.add(`${name} A`);
    expect(await next()).toEqual(["http://192.0.2.2:80"]);
    dns.failing.add(`${name} AAAA`);
    await expect(next()).rejects.toThrow("SERVFAIL");
    stop.abort();
  });

  test("the servers of a service, too", async () => {
    await using dns = await startDnsServer();
    dns.generous = false;
    dns.zone.set("_http._tcp.api.internal", [{ srv: [0, 1, 81, "a.internal"], ttl: 0 }]);
    dns.zone.set("a.internal", [{ a: "192.0.2.1", ttl: 0 }]);
    dns.failing.add("a.internal AAAA");
    const resolvers = [`127.0.0.1:${dns.port}`];
    const stop = new AbortController();
    const source = fromDnsService({ name: "_http._tcp.api.internal", minTtl: 0, resolvers });
    const answers = source.watch(stop.signal)[Symbol.asyncIterator]();
    expect((await answers.next()).value).toMatchObject([{ url: "http://192.0.2.1:81" }]);
    dns.failing.add("a.internal A");
    await expect(answers.next()).rejects.toThrow("SERVFAIL");
    stop.abort();
  });

  test("the name is what backends are called, over TLS too", async () => {
    await using dns = await startDnsServer();
    dns.zone.set("api.internal", [{ a: "127.0.0.1" }]);
    const authority = createTestAuthority();
    const { certificate: cert, key } = authority.server(["api.internal"]);
    await using origin = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: { cert, key },
      fetch: (request) => new Response(request.headers.get("host")),
    });
    const folder = mkdtempSync(join(tmpdir(), "sluice-dns-"));
    writeFileSync(join(folder, "ca.pem"), authority.certificate);
    await using gateway = await startGateway(
      config(
        `type = "dns", name = "api.internal", port = ${origin.port}, scheme = "https", family = "ipv4", resolvers = ["127.0.0.1:${dns.port}"]`,
        `host = "backend"\ntls = { ca = "${folder}/ca.pem" }`,
      ),
    );
    rmSync(folder, { recursive: true });
    expect(await whoAnswers(gateway, 2)).toEqual([`api.internal:${origin.port}`]);
  });

  test("an answer is not asked for again before its time", async () => {
    await using dns = await startDnsServer();
    await using one = namedOrigin("one");
    dns.zone.set("api.internal", [{ a: "127.0.0.1", ttl: 60 }]);
    await using gateway = await startGateway(
      config(
        `type = "dns", name = "api.internal", port = ${one.port}, resolvers = ["127.0.0.1:${dns.port}"]`,
      ),
    );
    expect(await whoAnswers(gateway)).toEqual(["one"]);
    await Bun.sleep(150);
    expect(dns.asked.toSorted()).toEqual(["api.internal A", "api.internal AAAA"]);
  });

  test("an answer too large for a datagram comes over TCP, in pieces", async () => {
    await using dns = await startDnsServer();
    const addresses = Array.from({ length: 200 }, (_, i) => `10.0.${i >> 4}.${i & 15}`);
    dns.zone.set("many.internal", [
      ...addresses.map((a) => ({ a })),
      { aaaa: "2001:0db8:0000:0000:0000:0000:0000:0001" },
    ]);
    await using gateway = await startGateway(
      config(
        `type = "dns", name = "many.internal", port = 8080, scheme = "h2", resolvers = ["127.0.0.1:${dns.port}"]`,
      ),
    );
    expect(dns.asked).toContain("tcp many.internal A");
    const names = backendsOf(gateway).map(({ name }) => name);
    expect(names).toHaveLength(201);
    expect(names).toContain("h2://10.0.12.7:8080");
    expect(names).toContain("h2://[2001:db8::1]:8080");
  });

  test("forged answers are passed over", async () => {
    await using dns = await startDnsServer();
    dns.mood = "forged";
    dns.zone.set("api.internal", [{ a: "10.1.2.3" }]);
    await using gateway = await startGateway(
      config(
        `type = "dns", name = "api.internal", port = 80, family = "ipv4", resolvers = ["127.0.0.1:${dns.port}"]`,
      ),
    );
    expect(backendsOf(gateway).map(({ name }) => name)).toEqual(["http://10.1.2.3:80"]);
  });

  test("the second resolver is asked when the first does not listen", async () => {
    await using dns = await startDnsServer();
    dns.zone.set("api.internal", [{ a: "10.1.2.3" }]);
    await using gateway = await startGateway(
      config(
        `type = "dns", name = "api.internal", port = 80, family = "ipv4", resolvers = ["127.0.0.1:${freePort()}", "127.0.0.1:${dns.port}"]`,
      ),
    );
    expect(backendsOf(gateway)).toHaveLength(1);
  });

  test("short names are completed with the domains to search", async () => {
    await using dns = await startDnsServer();
    dns.zone.set("api.prod.internal", [{ a: "10.1.2.3" }]);
    const resolvers = [{ host: "127.0.0.1", port: dns.port }];
    const search = ["dev.internal", "prod.internal"];
    const { signal } = new AbortController();
    const ask = (name: string, ndots: number) =>
      resolve(name, "A", { resolvers, search, ndots }, signal);
    expect((await ask("api", 1)).records.map(({ address }) => address)).toEqual(["10.1.2.3"]);
    expect(dns.asked).toEqual(["api.dev.internal A", "api.prod.internal A"]);
    // A domain that is broken does not hide the next one, and is no proof that there is nothing.
    dns.failing.add("api.dev.internal");
    expect((await ask("api", 1)).records).toHaveLength(1);
    dns.failing.add("other.prod.internal");
    await expect(ask("other", 1)).rejects.toThrow("answers SERVFAIL to other.prod.internal (A)");
    expect((await ask("nobody", 1)).records).toEqual([]);
    dns.asked.length = 0;
    expect((await ask("api.prod.internal.", 5)).records).toHaveLength(1);
    expect(dns.asked).toEqual(["api.prod.internal A"]);
  });

  test("a server that is silent fails when nobody wants to know any more, too", async () => {
    await using dns = await startDnsServer();
    dns.mood = "silent";
    const stop = new AbortController();
    const source = fromDns({ name: "x.test", port: 80, resolvers: [`127.0.0.1:${dns.port}`] });
    const next = (async () => {
      for await (const found of source.watch(stop.signal)) return found;
      return undefined;
    })();
    while (dns.asked.length < 2) await Bun.sleep(5);
    stop.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
  });
});

describe("services", () => {
  test.each([true, false])(
    "port and weight are the record's, higher priorities are backups (addresses come along: %p)",
    async (generous) => {
      await using dns = await startDnsServer();
      dns.generous = generous;
      await using one = namedOrigin("one");
      await using two = namedOrigin("two");
      dns.zone.set("_http._tcp.api.internal", [
        { srv: [10, 5, one.port, "a.internal"], ttl: 0 },
        { srv: [10, 0, 9, "b.internal"], ttl: 0 },
        { srv: [20, 1, two.port, "c.internal"], ttl: 0 },
      ]);
      for (const name of ["a", "c"]) dns.zone.set(`${name}.internal`, [{ a: "127.0.0.1" }]);
      dns.zone.set("b.internal", [{ a: "127.0.0.9" }]);
      await using gateway = await startGateway(
        config(
          `type = "dns_srv", name = "_http._tcp.api.internal", resolvers = ["127.0.0.1:${dns.port}"]`,
        ),
      );
      expect(backendsOf(gateway)).toEqual([
        { name: `http://127.0.0.1:${one.port}`, weight: 5, backup: false },
        { name: "http://127.0.0.9:9", weight: 1, backup: false },
        { name: `http://127.0.0.1:${two.port}`, weight: 1, backup: true },
      ]);
      expect(await whoAnswers(gateway, 8)).toEqual(["one"]);
      const [first] = gateway.upstreams[0]!.backends;
      // A weight that changes is no other backend.
      dns.zone.set("_http._tcp.api.internal", [
        { srv: [10, 7, one.port, "a.internal"], ttl: 60 },
        { srv: [5, 7, two.port, "c.internal"], ttl: 60 },
      ]);
      await untilAnswer(gateway, "two");
      expect(gateway.upstreams[0]?.backends).toContain(first!);
      expect(first).toMatchObject({ weight: 7, backup: true });
    },
  );

  test('a target of "." is no server', async () => {
    await using dns = await startDnsServer();
    dns.zone.set("_http._tcp.api.internal", [{ srv: [0, 0, 0, ""] }]);
    await using gateway = await startGateway(
      config(
        `type = "dns_srv", name = "_http._tcp.api.internal", resolvers = ["127.0.0.1:${dns.port}"]`,
      ),
    );
    expect(gateway.upstreams[0]?.discovery?.reason).toBe(
      "DNS has no servers for _http._tcp.api.internal",
    );
  });
});
