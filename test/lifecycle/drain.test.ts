import { expect, test } from "bun:test";
import { connect } from "node:net";
import { Http1Lane, Http2Lane } from "../support/load-client.ts";
import type { Ending, Lane } from "../support/load-client.ts";
import { createTestAuthority } from "../support/certificates.ts";
import { Program, startLoad, workFolder } from "./harness.ts";

function config(tls: boolean, workers: number, more = ""): string {
  return `[server]
port = 0
workers = ${workers}
http3 = false
drain_ms = 10000
${more}
${tls ? '[server.tls]\ncert = "cert.pem"\nkey = "key.pem"' : ""}
[[route]]
match = { path = "/*" }
action = { type = "static", root = "site" }
`;
}

function site(folder: ReturnType<typeof workFolder>, text: string, size = 100): void {
  const pair = createTestAuthority().server(["127.0.0.1"]);
  folder.write("cert.pem", pair.certificate);
  folder.write("key.pem", pair.key);
  folder.write("sluice.toml", text);
  Bun.spawnSync(["mkdir", "-p", `${folder.path}/site`]);
  folder.write("site/index.html", "x".repeat(size));
}

const CASES = [
  ["plain HTTP/1.1, one process", "h1", false, 1],
  ["plain HTTP/1.1, two workers", "h1", false, 2],
  ["HTTP/1.1 over TLS, two workers", "h1", true, 2],
  ["HTTP/2, two workers", "h2", true, 2],
] as const;

test.each(CASES)(
  "SIGTERM under load, %s: what reached an accepted connection is answered",
  async (_, protocol, tls, workers) => {
    using folder = workFolder();
    site(folder, config(tls, workers));
    await using program = new Program(["-c", "sluice.toml"], folder.path);
    const [url = ""] = await program.listening();
    const stop = startLoad(`${url}/`, protocol);

    // Connections that were accepted for certain, each with a request on its way around the signal.
    const lanes: Lane[] = Array.from({ length: 40 }, () =>
      protocol === "h2" ? new Http2Lane(new URL(url)) : new Http1Lane(new URL(url)),
    );
    for (const lane of lanes) expect(await lane.request()).toMatchObject({ kind: "answered" });
    await Bun.sleep(500);
    const endings: Promise<Ending>[] = [];
    for (const [index, lane] of lanes.entries()) {
      if (index === 15) program.signal("SIGTERM");
      endings.push(lane.request());
      await Bun.sleep(4);
    }
    const kinds = (await Promise.all(endings)).map((ending) => JSON.stringify(ending));
    expect(await program.exited).toBe(0);
    const result = await stop();
    for (const lane of lanes) lane.close();

    // Those sent after the connection was closed may be sent again; none was cut or left without an end.
    expect(kinds.filter((kind) => kind.includes("failed") || kind.includes("unconnected"))).toEqual(
      [],
    );
    expect(kinds.filter((kind) => kind.includes("answered")).length).toBeGreaterThanOrEqual(15);
    // A connection may be reset in the queue, before it is accepted.
    const cut = Object.keys(result.failed).filter((reason) => !reason.startsWith("closed before"));
    expect(cut).toEqual([]);
    expect(result.answered).toBeGreaterThan(300);
  },
);

test.each([1, 2])("a slow download goes on through SIGTERM, %d process(es)", async (workers) => {
  using folder = workFolder();
  const size = 20_000_000;
  site(folder, config(false, workers), size);
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
  let bytes = 0;
  socket.on("data", (chunk) => {
    bytes += chunk.length;
    if (bytes - chunk.length === 0) {
      // The head is here: everything else must wait until the server is told to stop.
      socket.pause();
      program.signal("SIGTERM");
      setTimeout(() => socket.resume(), 400);
    }
  });
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await new Promise((resolve) => socket.on("close", resolve));
  expect(bytes).toBeGreaterThan(size);
  expect(await program.exited).toBe(0);
});

test.each([1, 2])("a second signal ends at once, %d process(es)", async (workers) => {
  using folder = workFolder();
  site(folder, config(false, workers), 20_000_000);
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await new Promise((resolve) => socket.once("data", resolve));
  socket.pause();
  program.signal("SIGTERM");
  await program.next("draining");
  program.signal("SIGTERM");
  expect(await program.exited).toBe(143);
  socket.destroy();
});

test.each([1, 2])(
  "the deadline ends what does not end, with 0, %d process(es)",
  async (workers) => {
    using folder = workFolder();
    site(folder, config(false, workers).replace("drain_ms = 10000", "drain_ms = 200"), 20_000_000);
    await using program = new Program(["-c", "sluice.toml"], folder.path);
    const [url = ""] = await program.listening();
    const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    program.signal("SIGINT");
    expect(await program.exited).toBe(0);
    socket.destroy();
  },
);

test.each([1, 2])(
  "readiness turns first, health is answered to the end, %d process(es)",
  async (workers) => {
    using folder = workFolder();
    const more = "drain_delay_ms = 600\nhealth = true\n[admin]\nport = 0";
    site(folder, config(false, workers, more));
    await using program = new Program(["-c", "sluice.toml"], folder.path);
    const [url = "", admin = ""] = await program.listening();
    const status = async (address: string) => (await fetch(address)).status;
    expect(await status(`${admin}/readyz`)).toBe(200);
    expect(await status(`${url}/readyz`)).toBe(200);
    expect(await status(`${admin}/healthz`)).toBe(200);
    program.signal("SIGTERM");
    await program.next("draining");
    await Bun.sleep(100);
    const reply = await fetch(`${admin}/readyz`);
    expect(reply.status).toBe(503);
    expect(await reply.json()).toEqual({
      status: "not_ready",
      reasons: [{ code: "draining", message: "the server is going down" }],
    });
    expect(await status(`${url}/readyz`)).toBe(503);
    expect(await status(`${admin}/healthz`)).toBe(200);
    // Not told yet, some clients still come.
    expect(await status(`${url}/`)).toBe(200);
    expect(await program.exited).toBe(0);
  },
);
