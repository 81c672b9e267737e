import { describe, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { Http3Error } from "../../src/server/engines/http3/quic.ts";
import { createTestAuthority } from "../support/certificates.ts";
import { listen, until } from "./harness.ts";
import type { QuicClient } from "./quic-client.ts";
import { connectQuic, get } from "./quic-client.ts";

const authority = createTestAuthority("Clients");
const stranger = createTestAuthority("Strangers");
const server = (...names: string[]) => authority.server(names);
const app = new App()
  .get("/who", (c) => JSON.stringify(c.exchange.connection.tls?.clientCertificate ?? null))
  .get("/tls", (c) => JSON.stringify(c.exchange.connection.tls))
  .get("/slow", async () => {
    await Bun.sleep(150);
    return "slow";
  });

async function namesFor(port: number, servername: string): Promise<string> {
  const client = await connectQuic(port, { servername });
  client.session.destroy();
  return client.servedNames;
}

describe("certificates by name", () => {
  const certificates = [server("default.test"), server("a.test"), server("*.w.test")];

  test("exact, one-label wildcard, default; and after a swap", async () => {
    await using fixture = await listen(app, {}, { certificates });
    const { port } = fixture.listener;
    const chosen = async (): Promise<string[]> =>
      Promise.all(
        ["a.test", "A.Test", "x.w.test", "y.x.w.test", "b.test"].map((name) =>
          namesFor(port, name),
        ),
      );
    const first = "DNS:default.test";
    expect(await chosen()).toEqual(["DNS:a.test", "DNS:a.test", "DNS:*.w.test", first, first]);

    const open = await connectQuic(port, { servername: "a.test" });
    const { settings } = fixture.certificates;
    fixture.certificates.replace({
      ...settings,
      certificates: [server("new.test"), server("b.test")],
    });
    expect(await namesFor(port, "b.test")).toBe("DNS:b.test");
    expect(await namesFor(port, "a.test")).toBe("DNS:new.test");
    // What was open goes on, for the names it was served with.
    const answer = await open.request(get("/tls", { ":authority": "a.test" }));
    expect(answer.status).toBe(200);
    expect((await open.request(get("/tls", { ":authority": "b.test" }))).status).toBe(421);
    expect(JSON.parse(answer.text)).toMatchObject({
      version: "TLSv1.3",
      alpn: "h3",
      serverName: "a.test",
    });
    open.session.destroy();
  });
});

describe("client certificates", () => {
  const certificates = [server("localhost")];
  const tls = { certificates, clientCa: authority.certificate, clientAuth: "required" as const };
  const alice = authority.client("alice");
  const served = async (port: number, identity?: typeof alice): Promise<string> => {
    let client: QuicClient;
    try {
      client = await connectQuic(port, identity === undefined ? {} : { identity });
      const answer = await client.request(get("/who"));
      client.session.destroy();
      return answer.text;
    } catch {
      return "refused";
    }
  };

  test("required: the verified one is told, others are refused", async () => {
    await using fixture = await listen(app, {}, tls);
    const { port } = fixture.listener;
    expect(JSON.parse(await served(port, alice))).toMatchObject({ subject: "CN=alice,O=Test" });
    expect(await served(port)).not.toContain("{");
    expect(await served(port, stranger.client("mallory"))).not.toContain("{");
    expect(fixture.events.filter((event) => event.startsWith("finished")).length).toBe(1);
  });

  test("a swap finishes what is open and then asks for certificates again", async () => {
    await using fixture = await listen(app, {}, tls);
    const { port } = fixture.listener;
    const open = await connectQuic(port, { identity: alice });
    const slow = open.request(get("/slow"));
    await Bun.sleep(30);
    const settings = {
      ...fixture.certificates.settings,
      certificates: [server("localhost", "new.test")],
    };
    fixture.certificates.replace(settings);
    expect((await slow).text).toBe("slow");
    open.session.destroy();
    let names = "";
    const deadline = performance.now() + 8_000;
    while (names === "" && performance.now() < deadline) {
      // oxlint-disable-next-line no-await-in-loop
      names = await connectQuic(port, { identity: alice }).then(
        (client) => client.servedNames,
        () => "",
      );
    }
    expect(names).toContain("new.test");
    expect(await served(port)).not.toContain("{");
  });

  test("a swap that asks for what cannot be had closes the port, the next one opens it", async () => {
    await using fixture = await listen(app, {}, tls);
    const { port } = fixture.listener;
    const { settings } = fixture.certificates;
    fixture.certificates.replace({ ...settings, clientAuth: "optional" });
    await until(() => fixture.events.some((event) => event.startsWith("failed")), "the failure");
    const { clientCa: _, ...open } = settings;
    fixture.certificates.replace(open);
    await Bun.sleep(50);
    expect(await served(port)).toBe("null");
  });

  test("optional cannot be had, which is an error and not a hole", async () => {
    const started = listen(app, {}, { ...tls, clientAuth: "optional" });
    const error: unknown = await started.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Http3Error);
    expect((error as Http3Error).code).toBe("http3_client_auth");
  });
});

describe("starting and stopping", () => {
  test("a port that is taken is an error with a code", async () => {
    await using fixture = await listen(app);
    const second = listen(app, {}, {}, fixture.listener.port);
    expect(await second.catch((error: Http3Error) => error.code)).toBe("EADDRINUSE");
  });

  test("importing the engine's transport warns nobody, and other warnings pass", async () => {
    const script = `
      const { loadQuic } = await import(${JSON.stringify(new URL("../../src/server/engines/http3/quic.ts", import.meta.url).pathname)});
      await loadQuic();
      process.emitWarning("another");`;
    const child = Bun.spawn([process.execPath, "-e", script], { stderr: "pipe" });
    const text = await new Response(child.stderr).text();
    expect(text).toContain("another");
    expect(text).not.toContain("quic");
  });

  test("drain: GOAWAY, what is open is answered, new connections are refused", async () => {
    await using fixture = await listen(app);
    const { port } = fixture.listener;
    const client = await connectQuic(port);
    const slow = client.request(get("/slow"));
    await Bun.sleep(30);
    fixture.host.draining = true;
    const drained = fixture.listener.drain();
    expect((await slow).text).toBe("slow");
    await drained;
    expect(client.wentAway()).toBe(true);
    await until(() => fixture.listener.connections === 0, "the connection to end");
    expect(fixture.events.at(-1)).toBe("closed 127.0.0.1");
  });
});
