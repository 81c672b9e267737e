import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditEntry, LogLine } from "sluice/sandbox";
import { Capability, WasmSandbox } from "sluice/sandbox";
import { commandGuest } from "./guests/commands.ts";
import { wat } from "./guests/wat.ts";
import { errorOf } from "./support/error-of.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-sandbox-"));
/** A guest for Extism that makes the request its input describes. */
const FETCHING = wat(`(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "http_request" (func $request (param i64 i64) (result i64)))
  (func (export "fetched") (result i32) (local $answer i64)
    (local.set $answer (call $request (call $input) (i64.const 0)))
    (call $output (local.get $answer) (call $length (local.get $answer)))
    (i32.const 0)))`);
const LARGE = "0123456789abcdef".repeat(40_000);

beforeAll(() => {
  mkdirSync(join(folder, "open/below"), { recursive: true });
  writeFileSync(join(folder, "open/a.txt"), "the text of a");
  writeFileSync(join(folder, "open/large.txt"), LARGE);
  writeFileSync(join(folder, "open/below/b.txt"), "the text of b");
  writeFileSync(join(folder, "secret.txt"), "secret");
  symlinkSync("../secret.txt", join(folder, "open/out.txt"));
  symlinkSync(folder, join(folder, "open/up"));
  symlinkSync("below/b.txt", join(folder, "open/within.txt"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(["inline", "worker", "process"] as const)("%s: a guest and its host", (kind) => {
  let sandbox: WasmSandbox;
  const lines: LogLine[] = [];
  const say = async (text: string): Promise<string> => {
    // A busy machine may take all the 10 ms from a guest that runs inline.
    for (let tries = 0; ; tries++) {
      try {
        return await sandbox.call<string>("_start", text);
      } catch (error) {
        if (tries === 20 || (error as { bound?: string }).bound !== "cpuTimeout") throw error;
      }
    }
  };
  const audited = async (text: string): Promise<readonly AuditEntry[]> =>
    (await sandbox.callWithAudit("_start", text)).auditLog;

  beforeAll(async () => {
    sandbox = await WasmSandbox.builder()
      .source(commandGuest())
      .executor(kind)
      .cpuTimeout(kind === "inline" ? 10 : 2000)
      .callTimeout("20s")
      .allow(Capability.env({ MODE: "prod" }))
      .allow(Capability.files({ "/data": join(folder, "open") }))
      .onLog((line) => lines.push(line))
      .build();
  });
  afterAll(() => sandbox.dispose());

  test("files are read, small and large, and listed", async () => {
    expect(await say("cat /data/a.txt")).toBe("the text of a");
    expect(await say("cat /data/below/../below/./b.txt")).toBe("the text of b");
    expect(await say("cat /data/within.txt")).toBe("the text of b");
    expect(await say("ls /data/below")).toBe("b.txt ");
    expect((await say("cat /data/large.txt")) === LARGE).toBe(true);
    expect(await say("cat /data/none.txt")).toContain("No such file");
  });

  test("nothing leads out of what was opened", async () => {
    for (const path of [
      "/data/out.txt",
      "/data/up/secret.txt",
      "/data/../secret.txt",
      "/data/below/../../secret.txt",
      "/etc/passwd",
      join(folder, "secret.txt"),
    ]) {
      const answer = await say(`cat ${path}`);
      expect(answer).toStartWith("errno");
      expect(answer).not.toContain("secret");
    }
  });

  test("what was kept outlives the call, and numbers are counted", async () => {
    expect(await say("get k")).toBe("none");
    expect(await say("set k value")).toBe("0");
    expect(await say("get k")).toBe("value");
    expect([await say("del k"), await say("del k"), await say("get k")]).toEqual([
      "1",
      "0",
      "none",
    ]);
    expect([await say("inc n 60000"), await say("inc n 60000")]).toEqual(["1", "2"]);
  });

  test("variables are those that were given", async () => {
    expect(await say("env MODE")).toBe("prod");
    expect(await say("env PATH")).toBe("none");
    expect(await say("env HOME")).toBe("none");
  });

  test("there is a clock, and chance", async () => {
    const seconds = Number(await say("now"));
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
    expect(await say("random")).not.toBe(await say("random"));
  });

  test("its log comes out", async () => {
    lines.length = 0;
    await say("log hello");
    expect(lines.map(({ text }) => text.trim())).toEqual(["hello"]);
  });

  test("every call is audited, and what was denied is a violation", async () => {
    const names = async (text: string): Promise<string[]> =>
      (await audited(text)).map(({ name, outcome }) => `${name} ${outcome}`);
    expect(await names("cat /data/a.txt")).toContain("files.open ok");
    expect(await names("get k")).toContain("kv.get ok");
    expect(await names("set k v")).toContain("kv.set ok");
    expect(await names("del k")).toContain("kv.delete ok");
    expect(await names("inc m")).toContain("kv.increment ok");
    expect(await names("now")).toContain("now ok");
    expect(await names("random")).toContain("random ok");
    expect(await names("log x")).toContain("log ok");
    const { violations, auditLog } = await sandbox.callWithAudit("_start", "cat /data/out.txt");
    expect(violations.map(({ name }) => name)).toContain("files.stat");
    const denied = violations.find(({ name }) => name === "files.stat");
    expect(denied?.args).toContain("out.txt");
    expect(denied?.time).toBeCloseTo(Date.now(), -5);
    expect(auditLog.length).toBeGreaterThanOrEqual(violations.length);
  });
});

test("without capabilities there is nothing to read", async () => {
  const bare = await WasmSandbox.builder().source(commandGuest()).cpuTimeout("2s").build();
  expect(await bare.call<string>("_start", "cat /etc/passwd")).toStartWith("errno");
  expect(await bare.call<string>("_start", "env PATH")).toBe("none");
  await bare.dispose();
});

test("host calls are counted, and too many end the call", async () => {
  const one = await WasmSandbox.builder()
    .source(commandGuest())
    .cpuTimeout("2s")
    .maxHostCalls(0)
    .build();
  const error = await errorOf(one.call("_start", "inc n"));
  expect(error).toMatchObject({ code: "sandbox_capability_denied", capability: "hostCalls" });
  await one.dispose();
});

describe.each(["worker", "process"] as const)("%s: a guest and the network", (kind) => {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (new URL(request.url).pathname === "/never") await new Promise(() => {});
      return new Response(`${request.method} by a guest`);
    },
  });
  afterAll(() => server.stop(true));
  const builder = () =>
    WasmSandbox.builder().source(FETCHING).executor(kind).cpuTimeout("5s").callTimeout("30s");
  const network = Capability.network({
    hosts: ["127.0.0.1"],
    ports: [server.port!],
    privateAddresses: true,
  });
  const to = (path: string) =>
    JSON.stringify({ url: `http://127.0.0.1:${server.port}${path}`, method: "PUT", headers: {} });

  test("asks what it may, and that is audited", async () => {
    const sandbox = await builder().allow(network).build();
    const { output, auditLog } = await sandbox.callWithAudit<string>("fetched", to("/a"));
    expect(output).toBe("PUT by a guest");
    const [entry] = auditLog.filter(({ name }) => name === "network.request");
    expect(entry).toMatchObject({ outcome: "ok" });
    expect(entry?.args).toContain("/a");
    await sandbox.dispose();
  });

  test("what proves who it is does not come into the audit", async () => {
    const sandbox = await builder().allow(network).build();
    const headers = { Authorization: "Bearer secret", cookie: "secret", accept: "text/plain" };
    const request = { url: `http://127.0.0.1:${server.port}/a`, method: "PUT", headers };
    const { auditLog } = await sandbox.callWithAudit<string>("fetched", JSON.stringify(request));
    const [entry] = auditLog.filter(({ name }) => name === "network.request");
    expect(entry?.args).toContain("Authorization");
    expect(entry?.args).toContain("text/plain");
    expect(entry?.args).not.toContain("secret");
    await sandbox.dispose();
  });

  test("is denied what it may not", async () => {
    const sandbox = await builder().build();
    const error = await errorOf(sandbox.callWithAudit("fetched", to("/a")));
    const { violations } = (error as Error & { audit: { violations: AuditEntry[] } }).audit;
    expect(violations).toMatchObject([{ name: "network.request", outcome: "denied" }]);
    await sandbox.dispose();
  });

  test("does not wait for an answer beyond its call's time", async () => {
    const sandbox = await builder().callTimeout(300).allow(network).build();
    expect(await errorOf(sandbox.call("fetched", to("/never")))).toBeInstanceOf(Error);
    expect(await sandbox.call<string>("fetched", to("/b"))).toBe("PUT by a guest");
    await sandbox.dispose();
  }, 20_000);
});
