import { expect, test } from "bun:test";
import { lacks } from "../support/programs.ts";
import { ServerProcess } from "../support/server-process.ts";

/** curl is a client with windows of its own; h2 by prior knowledge. */
async function curl(...args: string[]): Promise<string> {
  const child = Bun.spawn(["curl", "-sS", "--http2-prior-knowledge", ...args], {
    stdout: "pipe",
    stderr: "inherit",
  });
  return new Response(child.stdout).text();
}

test.skipIf(lacks("curl"))(
  "1 GiB down: memory stays flat",
  async () => {
    await using server = await ServerProcess.start();
    const before = await server.state();
    const size = await curl(
      "-o",
      "/dev/null",
      "-w",
      "%{size_download}",
      `http://127.0.0.1:${server.port}/down?mib=1024`,
    );
    expect(size).toBe(String(1024 ** 3));
    expect((await server.state()).rss - before.rss).toBeLessThan(64);
  },
  60_000,
);

test.skipIf(lacks("curl"))(
  "1 GiB up: memory stays flat",
  async () => {
    await using server = await ServerProcess.start({ limits: { bodyBytes: 0 } });
    const before = await server.state();
    const url = `http://127.0.0.1:${server.port}/up`;
    const child = Bun.spawn(
      [
        "sh",
        "-c",
        `head -c 1073741824 /dev/zero | curl -sS --http2-prior-knowledge -X POST -T - ${url}`,
      ],
      { stdout: "pipe", stderr: "inherit" },
    );
    expect(await new Response(child.stdout).text()).toBe(String(1024 ** 3));
    expect((await server.state()).rss - before.rss).toBeLessThan(64);
  },
  60_000,
);

test.skipIf(lacks("curl"))(
  "content that nobody reads stays with the client",
  async () => {
    await using server = await ServerProcess.start({ limits: { bodyBytes: 0 } });
    const before = await server.state();
    const url = `http://127.0.0.1:${server.port}/unread`;
    const child = Bun.spawn(
      [
        "sh",
        "-c",
        `head -c 268435456 /dev/zero | curl -sS --http2-prior-knowledge -X POST -T - ${url}`,
      ],
      { stdout: "pipe", stderr: "ignore" },
    );
    await Bun.sleep(500);
    expect((await server.state()).rss - before.rss).toBeLessThan(16);
    await child.exited;
  },
  60_000,
);
