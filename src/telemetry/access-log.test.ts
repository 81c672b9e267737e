import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Exchange } from "../core/exchange.ts";
import { HeaderList } from "../http/header-list.ts";
import type { AccessLogOptions } from "./access-log.ts";
import { createAccessLog } from "./access-log.ts";
import type { LogTarget } from "./log/log-target.ts";

class MemoryTarget implements LogTarget {
  readonly name = "memory";
  text = "";
  async write(bytes: Uint8Array): Promise<void> {
    this.text += new TextDecoder().decode(bytes);
  }
  async reopen(): Promise<void> {}
  async close(): Promise<void> {}
}

interface Asked {
  method?: string;
  target?: string;
  authority?: string;
  headers?: string[];
}

function exchange({ method = "GET", target = "/", authority = "a.example", headers = [] }: Asked) {
  const connection = { remoteAddress: "192.0.2.1" };
  const list = new HeaderList(headers);
  return {
    protocol: "HTTP/1.1",
    method,
    target,
    authority,
    headers: list,
    connection,
    receivedAt: performance.now(),
  } as unknown as Exchange;
}

const OK = { status: 200, bytes: 13, durationMs: 1.23456, error: undefined };

async function lines(
  format: AccessLogOptions["format"],
  asked: Asked,
  outcome = OK,
  color = false,
) {
  const target = new MemoryTarget();
  const log = createAccessLog({ format, output: target, color, report: () => {} });
  log.record(exchange(asked), outcome);
  await log.close();
  return target.text;
}

/** Everything a client might send to forge a line, close a quote or drive a terminal. */
const HOSTILE = [
  'x"} {"level":"info',
  "x\\",
  "x\r\n192.0.2.9 - - forged",
  "\x1b[2J\x1b]0;title\x07",
  "\x00\x01\x7f",
  "\x85\x9b31m",
  "é ÿ",
  "\u2028\u202e",
  "日本 😀",
  "\ud800",
  " leading and trailing ",
  "x".repeat(20_000),
];

describe("the json format", () => {
  test("has every field, in order", async () => {
    const headers = ["User-Agent", "curl/8", "Referer", "r", "x-request-id", "id-1"];
    const line = await lines("json", { target: "/a?b=c", headers });
    const object = JSON.parse(line);
    expect(Object.keys(object)).toEqual(
      "ts level remote protocol host user_agent method path status latency_ms bytes request_id".split(
        " ",
      ),
    );
    expect(object).toMatchObject({
      level: "info",
      method: "GET",
      path: "/a?b=c",
      status: 200,
      latency_ms: 1.235,
      bytes: 13,
      request_id: "id-1",
      remote: "192.0.2.1",
      protocol: "HTTP/1.1",
      host: "a.example",
      user_agent: "curl/8",
    });
    expect(new Date(object.ts).toISOString()).toBe(object.ts);
  });

  test("makes an id of its own for each request that brings none", async () => {
    const target = new MemoryTarget();
    const log = createAccessLog({ format: "json", output: target, report: () => {} });
    for (let i = 0; i < 100; i++) log.record(exchange({}), OK);
    await log.close();
    const ids = target.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).request_id);
    expect(new Set(ids).size).toBe(100);
  });

  test("levels follow the outcome", async () => {
    const level = async (status: number, error?: unknown) =>
      JSON.parse(await lines("json", {}, { ...OK, status, error: error as undefined })).level;
    expect(await level(304)).toBe("info");
    expect(await level(404)).toBe("warn");
    expect(await level(503)).toBe("error");
    expect(await level(200, new Error("cut"))).toBe("warn");
  });

  test("names why an exchange ended early, whatever was thrown", async () => {
    const shown = async (error: unknown) =>
      JSON.parse(await lines("json", {}, { ...OK, error: error as undefined })).error;
    expect(await shown(Object.assign(new Error("long"), { code: "ECONNRESET" }))).toBe(
      "ECONNRESET",
    );
    expect(await shown("text\n")).toBe("text\n");
    expect(await shown(Object.create(null))).toBe("unknown");
    expect(await shown(null)).toBe("null");
  });

  for (const value of HOSTILE) {
    test(`keeps ${JSON.stringify(value.slice(0, 30))} inside its string`, async () => {
      const headers = ["user-agent", value, "x-request-id", value];
      const line = await lines("json", { method: value, target: value, authority: value, headers });
      expect(line).toMatch(/^[\x20-\x7e]+\n$/);
      const object = JSON.parse(line);
      for (const name of ["method", "path", "host", "user_agent", "request_id"]) {
        expect(object[name]).toBe(value);
      }
    });
  }
});

describe("the combined format", () => {
  test("is Apache's", async () => {
    const headers = ["Referer", "http://r/", "User-Agent", "curl/8"];
    const line = await lines("combined", { target: "/a?b", headers });
    expect(line).toMatch(
      /^192\.0\.2\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/a\?b HTTP\/1\.1" 200 13 "http:\/\/r\/" "curl\/8"\n$/,
    );
  });

  test("has a dash for what is absent", async () => {
    expect(await lines("combined", {}, { ...OK, bytes: 0 })).toEndWith(' 200 - "-" "-"\n');
  });

  test("escapes as Apache does", async () => {
    const headers = ["user-agent", 'a"b\\c\x00é日'];
    const line = await lines("combined", { headers });
    expect(line).toEndWith(` "a\\"b\\\\c\\x00\\xe9\\xe6\\x97\\xa5"\n`);
  });

  for (const value of HOSTILE) {
    test(`cannot be broken by ${JSON.stringify(value.slice(0, 30))}`, async () => {
      const headers = ["user-agent", value, "referer", value];
      const line = await lines("combined", { method: value, target: value, headers });
      expect(line).toMatch(/^[\x20-\x7e]+\n$/);
      expect(line).toMatch(
        /^192\.0\.2\.1 - - \[[^\]]+\] "(?:[^"\\]|\\.)*" 200 13 "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"\n$/,
      );
    });
  }
});

describe("the pretty format", () => {
  test("is aligned and plain without colour", async () => {
    const line = await lines("pretty", { target: "/a" });
    expect(line).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} 200 {3}1\.2 ms {5}13 B {2}HTTP\/1\.1 192\.0\.2\.1 {7}GET {5}\/a\n$/,
    );
  });

  test("shows colours, large sizes and long times", async () => {
    const outcome = { status: 500, bytes: 3 << 20, durationMs: 2500, error: undefined };
    const line = await lines("pretty", {}, outcome, true);
    expect(line).toContain("\x1b[31m500\x1b[0m");
    expect(line).toContain("2.5 s");
    expect(line).toContain("3.0 MiB");
  });

  for (const value of HOSTILE) {
    test(`leaves the terminal alone with ${JSON.stringify(value.slice(0, 30))}`, async () => {
      const line = await lines("pretty", { method: value, target: value });
      expect(line.replace("µ", "u")).toMatch(/^[\x20-\x7e]+\n$/);
    });
  }
});

describe("an access log", () => {
  test("has a line for a request that was refused before it was one", async () => {
    for (const format of ["combined", "json", "pretty"] as const) {
      const target = new MemoryTarget();
      const log = createAccessLog({ format, output: target, report: () => {} });
      log.refused("192.0.2.7", 431, "header_too_large");
      await log.close();
      expect(target.text.trim().split("\n").length).toBe(1);
      expect(target.text).toContain("192.0.2.7");
      expect(target.text).toContain("431");
    }
  });

  test("goes on in a new file after a rename and reopen", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-log-"));
    const path = join(folder, "access.log");
    const log = createAccessLog({ format: "combined", output: path, report: () => {} });
    log.record(exchange({ target: "/before" }), OK);
    await log.flush();
    renameSync(path, `${path}.1`);
    log.record(exchange({ target: "/between" }), OK);
    log.reopen();
    log.record(exchange({ target: "/after" }), OK);
    await log.close();
    expect(readFileSync(`${path}.1`, "utf8")).toMatch(/before[^]*between/);
    expect(readFileSync(path, "utf8")).toContain("/after");
    expect(readFileSync(path, "utf8")).not.toContain("/between");
    rmSync(folder, { recursive: true });
  });

  test("tells at the start that its path cannot be written, and takes lines all the same", async () => {
    const reports: string[] = [];
    const output = join(tmpdir(), "sluice-no-such-directory", "access.log");
    const report = (text: string) => reports.push(text);
    const log = createAccessLog({ format: "json", output, report });
    await log.flush();
    expect(reports.length).toBe(1);
    expect(reports[0]).toStartWith(`access log: cannot write to ${output}: `);
    expect(reports[0]).toContain("create its directory");
    log.record(exchange({}), OK);
    await log.close();
    expect(log.dropped).toBe(1);
  });

  test("a full disk is told once, and nothing is thrown", async () => {
    const reports: string[] = [];
    const report = (text: string) => reports.push(text);
    const log = createAccessLog({ format: "json", output: "/dev/full", report });
    for (let i = 0; i < 3; i++) {
      log.record(exchange({}), OK);
      await log.flush();
    }
    expect(reports.length).toBe(1);
    expect(reports[0]).toContain("free some space");
    await log.close();
    expect(log.dropped).toBe(3);
  });

  test("lives on when the reader of its pipe has gone", async () => {
    const script = `
      import { createAccessLog } from "${import.meta.dir}/access-log.ts";
      const reports = [];
      const log = createAccessLog({ format: "json", output: "stdout", report: (text) => reports.push(text) });
      // Its standard output is closed by the other side before the first line.
      await new Response(Bun.stdin.stream()).text();
      for (let i = 0; i < 3; i++) { log.refused("192.0.2.1", 400, "bad"); await log.flush(); }
      console.error(JSON.stringify({ reports, dropped: log.dropped }));
    `;
    const child = Bun.spawn([process.execPath, "-e", script], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    await child.stdout.cancel();
    child.stdin.end();
    const said = JSON.parse(await new Response(child.stderr).text());
    expect(await child.exited).toBe(0);
    expect(said.dropped).toBe(3);
    expect(said.reports.length).toBe(1);
    expect(said.reports[0]).toContain("its reader has gone");
  });
});
