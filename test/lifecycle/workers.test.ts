import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { createTestAuthority } from "../support/certificates.ts";
import { isAlive, Program, until, workFolder } from "./harness.ts";

const CONFIG = `[server]
port = 0
workers = 2
[[route]]
match = { path = "/" }
action = { type = "respond", body = "hello" }
[admin]
port = 0
`;

test("a worker that dies is replaced, and the others serve meanwhile", async () => {
  using folder = workFolder();
  folder.write("sluice.toml", CONFIG);
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  const [victim = 0, other = 0] = program.children();
  process.kill(victim, "SIGKILL");
  const died = await program.next("worker_died");
  expect(died.message).toContain(`pid ${victim}`);
  expect(died.message).toContain("SIGKILL");
  expect(await (await fetch(url)).text()).toBe("hello");
  await program.next("worker_started");
  expect(program.children()).toHaveLength(2);
  expect(program.children()).toContain(other);
  expect(await (await fetch(url)).text()).toBe("hello");
});

test("workers end when their supervisor is gone", async () => {
  using folder = workFolder();
  folder.write("sluice.toml", CONFIG);
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  await program.listening();
  const workers = program.children();
  expect(workers).toHaveLength(2);
  program.signal("SIGKILL");
  await program.exited;
  await until(() => !workers.some(isAlive));
});

test("signals of a terminal, which reach every process, are the supervisor's matter", async () => {
  using folder = workFolder();
  folder.write("sluice.toml", CONFIG);
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [url = ""] = await program.listening();
  const workers = program.children();
  for (const pid of workers) {
    for (const signal of ["SIGHUP", "SIGINT", "SIGUSR1", "SIGUSR2"]) process.kill(pid, signal);
  }
  await Bun.sleep(200);
  expect(program.children()).toEqual(workers);
  expect(await (await fetch(url)).text()).toBe("hello");
  program.signal("SIGINT");
  expect(await program.exited).toBe(0);
});

test("a port in use is one clear error and exit code 1", async () => {
  using folder = workFolder();
  const other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  folder.write("sluice.toml", CONFIG.replace("port = 0", `port = ${other.port}`));
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  expect(await program.exited).toBe(1);
  await until(() => program.output.includes("is in use"));
  expect(program.output).toContain(`port ${other.port} on 127.0.0.1`);
  other.stop(true);
});

const root = process.getuid?.() === 0;
/** Somebody else, whoever runs the tests. */
const user = root ? "nobody" : "root";

test.each([1, 2])("server.user: %d process(es)", async (workers) => {
  using folder = workFolder();
  const text = CONFIG.replace("workers = 2", `workers = ${workers}\nuser = "${user}"`);
  // A reload reads the file again.
  chmodSync(folder.path, 0o755);
  folder.write("sluice.toml", text);
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  if (!root) {
    expect(await program.exited).toBe(1);
    await until(() => program.output.includes(`only root can become ${user}`));
    return;
  }
  const [url = ""] = await program.listening();
  expect(await (await fetch(url)).text()).toBe("hello");
  for (const pid of workers === 1 ? [program.pid] : program.children()) {
    const status = await Bun.file(`/proc/${pid}/status`).text();
    // Real, effective, saved and file system id.
    const ids = /^Uid:\s+(.*)$/m.exec(status)?.[1]?.split("\t") ?? [];
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).not.toBe("0");
    expect(/^Groups:\s*0\b/m.test(status)).toBe(false);
  }
  folder.write("sluice.toml", text.replace("hello", "again"));
  program.signal("SIGHUP");
  await program.next("reloaded");
  expect(await (await fetch(url)).text()).toBe("again");
});

test.each([1, 2])(
  "an unknown user is a clear error and exit code 1, %d process(es)",
  async (workers) => {
    using folder = workFolder();
    const user = 'user = "no-such-user"';
    folder.write("sluice.toml", CONFIG.replace("workers = 2", `workers = ${workers}\n${user}`));
    await using program = new Program(["-c", "sluice.toml"], folder.path);
    expect(await program.exited).toBe(1);
    await until(() => program.output.includes('there is no user "no-such-user"'));
  },
);

test("HTTP/3 has one worker, all advertise it, and its successor takes it over", async () => {
  using folder = workFolder();
  const pair = createTestAuthority().server(["127.0.0.1"]);
  folder.write("cert.pem", pair.certificate);
  folder.write("key.pem", pair.key);
  const tls = '[server.tls]\ncert = "cert.pem"\nkey = "key.pem"\n[[route]]';
  folder.write("sluice.toml", CONFIG.replace("[[route]]", tls));
  await using program = new Program(["-c", "sluice.toml"], folder.path);
  const [address] = (await program.next("listening")).addresses;
  const url = address?.url ?? "";
  expect(address?.protocols).toEqual(["h1", "h2", "h3"]);
  const insecure = { keepalive: false, tls: { rejectUnauthorized: false } };
  const overHttp3 = async () => {
    const signal = AbortSignal.timeout(3_000);
    const init = { ...insecure, signal, protocol: "http3" } as BunFetchRequestInit;
    return (await fetch(url, init)).text();
  };
  const allAdvertise = async () => {
    for (let count = 0; count < 6; count++) {
      const { headers } = await fetch(url, insecure);
      expect(headers.get("alt-svc")).toContain(`h3=":${new URL(url).port}"`);
    }
  };
  await allAdvertise();
  expect(await overHttp3()).toBe("hello");
  program.signal("SIGUSR2");
  await program.next("restarted");
  await allAdvertise();
  await until(async () => (await overHttp3().catch(() => "")) === "hello");
});
