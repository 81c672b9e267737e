import { expect, test } from "bun:test";
import { connect } from "node:tls";
import { createTestAuthority } from "../support/certificates.ts";
import { Program, startLoad, until, workFolder } from "./harness.ts";

const authority = createTestAuthority();

function config(tls: boolean, body: string): string {
  return `[server]
port = 0
workers = 2
http3 = false
drain_ms = 5000
${tls ? '[server.tls]\ncert = "cert.pem"\nkey = "key.pem"' : ""}
[[route]]
match = { path = "/" }
action = { type = "respond", body = "${body}" }
`;
}

/** The serial number of the certificate a new connection gets. */
function servedCertificate(url: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

test.each([
  ["plain HTTP/1.1", "h1", false],
  ["HTTP/1.1 over TLS", "h1", true],
  ["HTTP/2", "h2", true],
] as const)(
  "%s: reload, certificates and workers change and no request fails",
  async (_, protocol, tls) => {
    using folder = workFolder();
    const issue = () => {
      const { certificate, key } = authority.server(["localhost", "127.0.0.1"]);
      folder.write("cert.pem", certificate);
      folder.write("key.pem", key);
    };
    issue();
    folder.write("sluice.toml", config(tls, "first"));
    await using program = new Program(["-c", "sluice.toml"], folder.path);
    const [url = ""] = await program.listening();
    const stop = startLoad(`${url}/`, protocol);
    await Bun.sleep(500);

    for (const body of ["second", "third", "fourth"]) {
      folder.write("sluice.toml", config(tls, body));
      program.signal("SIGHUP");
      await program.next("reloaded");
      const reply = await fetch(url, { tls: { rejectUnauthorized: false } });
      expect(await reply.text()).toBe(body);
      if (tls) {
        const before = await servedCertificate(url);
        issue();
        program.signal("SIGHUP");
        await program.next("reloaded");
        expect(await servedCertificate(url)).not.toBe(before);
      }
    }
    const workers = program.children();
    program.signal("SIGUSR2");
    await program.next("restarted");
    // Those before leave once their last answers have.
    await until(() => !program.children().some((pid) => workers.includes(pid)));

    const result = await stop();
    console.log(
      `  ${protocol} ${tls ? "TLS" : "plain"}: ${result.answered} answered in ${result.seconds.toFixed(1)} s, ${Math.round(result.answered / result.seconds)} req/s, ${result.connections} connections, ${result.retried} retried`,
    );
    expect(result.failed).toEqual({});
    expect(result.unconnected).toEqual({});
    // The load sends more than that for every second that all this took, however long that was.
    expect(result.answered).toBeGreaterThanOrEqual(Math.floor(2_000 * result.paced));
    expect(result.paced).toBeGreaterThan(0.5);
    expect(result.connections).toBeGreaterThan(12);
    program.signal("SIGTERM");
    expect(await program.exited).toBe(0);
  },
);
