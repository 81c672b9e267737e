import { afterAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { dlopen, ptr } from "bun:ffi";
import { activatedSockets, createNotifier } from "../../src/server/lifecycle/systemd.ts";
import { Program, until, workFolder } from "./harness.ts";

const libc = dlopen(process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6", {
  socket: { args: ["int", "int", "int"], returns: "int" },
  bind: { args: ["int", "ptr", "u32"], returns: "int" },
  recv: { args: ["int", "ptr", "u64", "int"], returns: "i64" },
  close: { args: ["int"], returns: "int" },
});
const opened: number[] = [];
afterAll(() => opened.forEach((fd) => libc.symbols.close(fd)));

/** A service manager's socket. @returns a function that reads what has come, one text a datagram */
function manager(path: string): () => string[] {
  const fd = libc.symbols.socket(1, 2, 0);
  opened.push(fd);
  const name = Buffer.from(path);
  const address = Buffer.concat([
    Buffer.from([1, 0]),
    name,
    Buffer.from(path.startsWith("@") ? [] : [0]),
  ]);
  if (path.startsWith("@")) address[2] = 0;
  expect(libc.symbols.bind(fd, ptr(address), address.length)).toBe(0);
  return () => {
    const texts: string[] = [];
    const buffer = Buffer.alloc(4096);
    for (;;) {
      const length = Number(libc.symbols.recv(fd, ptr(buffer), buffer.length, 0x40));
      if (length <= 0) return texts;
      texts.push(buffer.toString("utf8", 0, length));
    }
  };
}

test("sockets are given by name, or in order", () => {
  const env = (names: string, count: number) => ({
    LISTEN_PID: "7",
    LISTEN_FDS: String(count),
    LISTEN_FDNAMES: names,
  });
  expect([...activatedSockets(env("", 1), 7)]).toEqual([["server", 3]]);
  expect([...activatedSockets({ LISTEN_PID: "7", LISTEN_FDS: "2" }, 7)]).toEqual([
    ["server", 3],
    ["redirect", 4],
  ]);
  expect(new Map(activatedSockets(env("admin:unknown", 2), 7))).toEqual(
    new Map([
      ["admin", 3],
      ["server", 4],
    ]),
  );
  expect(activatedSockets(env("", 1), 8).size).toBe(0);
  expect(activatedSockets({}, 8).size).toBe(0);
  expect(activatedSockets({ LISTEN_PID: "7", LISTEN_FDS: "x" }, 7).size).toBe(0);
  expect(() => activatedSockets(env("server:server", 2), 7)).toThrow("two sockets named server");
  expect(() => activatedSockets(env("a:b:c:d", 4), 7)).toThrow("at most 3");
});

test("a manager that is not there harms nothing", () => {
  for (const path of [undefined, "", "/nonexistent/socket", `/${"x".repeat(200)}`]) {
    const notifier = createNotifier({ NOTIFY_SOCKET: path, WATCHDOG_USEC: "nonsense" }, 7);
    notifier.ready("up");
    notifier.stopping();
    notifier.stop();
  }
});

test.each([1, 2])(
  "a manager is told of start, reload, life and end, %d process(es)",
  async (workers) => {
    using folder = workFolder();
    const socket = `${folder.path}/notify`;
    const read = manager(socket);
    const seen: string[] = [];
    // A manager reads all the time; its socket holds ten messages.
    using _reading = repeatedly(() => seen.push(...read()));
    folder.write(
      "sluice.toml",
      `[server]\nport = 0\nworkers = ${workers}\n[[route]]\nmatch = { path = "/" }\naction = { type = "respond", body = "a" }\n`,
    );
    const env = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "100000" };
    await using program = new Program(["-c", "sluice.toml"], folder.path, env);
    const [url] = await program.listening();
    const until_ = (text: string) => until(() => seen.some((message) => message.includes(text)));
    await until_("READY=1");
    await until_("WATCHDOG=1");
    expect(seen.filter((text) => text.startsWith("READY=1"))).toEqual([
      `READY=1\nSTATUS=serving ${url}`,
    ]);
    seen.length = 0;
    program.signal("SIGHUP");
    await program.next("reloaded");
    await until_("READY=1");
    const reloading = seen.findIndex((text) => /^RELOADING=1\nMONOTONIC_USEC=\d+$/.test(text));
    expect(reloading).toBeGreaterThanOrEqual(0);
    expect(seen.findIndex((text) => text.startsWith("READY=1"))).toBeGreaterThan(reloading);
    program.signal("SIGTERM");
    await until_("STOPPING=1");
    expect(await program.exited).toBe(0);
  },
);

function repeatedly(act: () => void): Disposable {
  const timer = setInterval(act, 10);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

test("the abstract namespace", async () => {
  const name = `@sluice-test-${process.pid}-${Date.now()}`;
  const read = manager(name);
  createNotifier({ NOTIFY_SOCKET: name }, process.pid).ready("two\nlines");
  expect(read()).toEqual(["READY=1\nSTATUS=two lines"]);
});

/** The socket is opened first, the program takes it over. */
const LAUNCH = `
import { bindSocket } from ${JSON.stringify(new URL("../../src/server/lifecycle/bound-socket.ts", import.meta.url).pathname)};
const [main, ...args] = process.argv.slice(2);
const { fd, port } = bindSocket("127.0.0.1", 0);
console.log(JSON.stringify({ event: "bound", message: String(port) }));
// The pid of a program is known only to itself: a shell becomes it.
const child = Bun.spawn(["sh", "-c", 'export LISTEN_PID=$$; exec "$0" "$@"', process.execPath, main, ...args], {
  stdio: ["ignore", "inherit", "inherit", fd],
  env: { ...process.env, LISTEN_FDS: "1", LISTEN_FDNAMES: "server" },
});
process.on("SIGTERM", () => child.kill("SIGTERM"));
process.exit(await child.exited);
`;

test.each([1, 2])(
  "socket activation: what connected before the start is answered, %d process(es)",
  async (workers) => {
    using folder = workFolder();
    const launcher = folder.write("launch.ts", LAUNCH);
    folder.write(
      "sluice.toml",
      `[server]\nport = 8080\nworkers = ${workers}\n[[route]]\nmatch = { path = "/" }\naction = { type = "respond", body = "activated" }\n`,
    );
    const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;
    await using program = new Program([main, "-c", "sluice.toml"], folder.path, {}, [
      process.execPath,
      launcher,
    ]);
    const port = Number((await program.next("bound")).message);
    const socket = connect({ host: "127.0.0.1", port });
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await program.listening();
    await until(() => text.includes("activated"));
    socket.destroy();
    program.signal("SIGTERM");
    expect(await program.exited).toBe(0);
  },
);
