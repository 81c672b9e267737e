import { describe, expect, test } from "bun:test";
import type { ErrorLogOptions, LogFields } from "./error-log.ts";
import { createErrorLog } from "./error-log.ts";
import type { LogTarget } from "./log/log-target.ts";

async function written(options: Partial<ErrorLogOptions>, message: string, fields?: LogFields) {
  let text = "";
  const output: LogTarget = {
    name: "memory",
    write: async (bytes) => void (text += new TextDecoder().decode(bytes)),
    reopen: async () => {},
    close: async () => {},
  };
  const log = createErrorLog({ level: "debug", format: "json", color: false, output, ...options });
  log.warn(message, fields);
  await log.close();
  return text;
}

describe("createErrorLog", () => {
  test("json: one object a line, whatever is in it", async () => {
    const error = new Error('bad "thing"\n{"level":"info"}');
    const fields = { port: 80, none: undefined, list: [1], error, nan: NaN };
    const line = await written({}, "it\nhappened \x1b[2J", fields);
    expect(line).toMatch(/^[\x20-\x7e]+\n$/);
    const object = JSON.parse(line);
    expect(object).toMatchObject({
      level: "warn",
      message: "it\nhappened \x1b[2J",
      port: 80,
      list: "[1]",
    });
    expect(object.error).toContain('bad "thing"');
    expect(object.nan).toBe("NaN");
    expect("none" in object).toBe(false);
  });

  test("pretty: a stack is indented, controls are escaped, scripts are kept", async () => {
    const error = new Error("boom\n12:00:00.000 error forged");
    const text = await written({ format: "pretty" }, "été 日本\x1b[31m\r\nforged", {
      path: "/a b",
      error,
    });
    const [first, ...rest] = text.trimEnd().split("\n");
    expect(first).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} warn {2}été 日本\\u001b\[31m\\u000d\\u000aforged path=\/a b$/,
    );
    expect(rest.length).toBeGreaterThan(1);
    for (const line of rest) expect(line).toStartWith("    ");
  });

  test("writes only what is severe enough", async () => {
    expect(await written({ level: "error" }, "quiet")).toBe("");
    expect(await written({ level: "warn" }, "loud")).toContain("loud");
  });

  test("values that cannot be shown do no harm", async () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    const line = await written({}, "odd", { loop, bare: Object.create(null), symbol: Symbol("s") });
    expect(JSON.parse(line).loop).toBe("a value that cannot be shown");
  });

  test("tells elsewhere that it cannot be written itself", async () => {
    const reports: string[] = [];
    const log = createErrorLog({
      level: "info",
      format: "json",
      output: "/dev/full",
      report: (text) => reports.push(text),
    });
    log.error("lost");
    await log.close();
    expect(reports[0]).toStartWith("error log: cannot write to /dev/full: ");
    expect(reports[1]).toContain("1 line was lost");
  });
});
