import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDevelopmentCertificate } from "../../src/server/tls/self-signed.ts";
import { lacks } from "../support/programs.ts";
import { ServerProcess } from "../support/server-process.ts";

const GIB = 1024 ** 3;
const certificate = createDevelopmentCertificate({ names: ["localhost"], days: 2 });

/** A sparse file: no disk, all zeros. */
function withFile<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-transfer-"));
  const path = join(folder, "zeros");
  writeFileSync(path, "");
  truncateSync(path, GIB);
  return use(path).finally(() => rmSync(folder, { recursive: true }));
}

async function curl(...args: string[]): Promise<string> {
  const child = Bun.spawn(["curl", "-sSk", "--http1.1", ...args], {
    stdout: "pipe",
    stderr: "inherit",
  });
  return new Response(child.stdout).text();
}

describe.skipIf(lacks("curl")).each(["http", "https"] as const)("1 GiB over %s", (scheme) => {
  const tls = scheme === "https" ? { tls: { certificates: [certificate] }, http3: false } : {};

  test("down: memory stays flat", async () => {
    await using server = await ServerProcess.start(tls);
    const before = await server.state();
    const url = `${scheme}://localhost:${server.port}/down?mib=1024`;
    expect(await curl("-o", "/dev/null", "-w", "%{size_download}", url)).toBe(String(GIB));
    expect((await server.state()).rss - before.rss).toBeLessThan(64);
  }, 60_000);

  test("up, by length: memory stays flat", async () => {
    await using server = await ServerProcess.start({ ...tls, limits: { bodyBytes: 0 } });
    const before = await server.state();
    const url = `${scheme}://localhost:${server.port}/up`;
    const bytes = await withFile((path) => curl("-X", "POST", "-H", "Expect:", "-T", path, url));
    expect(bytes).toBe(String(GIB));
    expect((await server.state()).rss - before.rss).toBeLessThan(64);
  }, 60_000);
});
