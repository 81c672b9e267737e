import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { existsSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogFile } from "./log-file.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
let folder = "";
let path = "";
const read = (suffix = "") => readFileSync(path + suffix, "utf8");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-log-"));
  path = join(folder, "access.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("LogFile", () => {
  test("appends to what is there, and is not for everybody to read", async () => {
    const first = new LogFile(path);
    await first.write(bytes("one\n"));
    await first.close();
    const second = new LogFile(path);
    await second.write(bytes("two\n"));
    await second.close();
    expect(read()).toBe("one\ntwo\n");
    expect(statSync(path).mode & 0o007).toBe(0);
  });

  test("rotates before it grows over its size, and keeps so many", async () => {
    const file = new LogFile(path, { maxBytes: 10, keep: 2 });
    for (const line of ["11111\n", "22222\n", "33333\n", "44444\n"]) await file.write(bytes(line));
    await file.close();
    expect(read()).toBe("44444\n");
    expect(read(".1")).toBe("33333\n");
    expect(read(".2")).toBe("22222\n");
    expect(readdirSync(folder).length).toBe(3);
  });

  test("a batch larger than the size is written whole, into a file of its own", async () => {
    const file = new LogFile(path, { maxBytes: 4 });
    await file.write(bytes("larger than four\n"));
    expect(existsSync(`${path}.1`)).toBe(false);
    await file.write(bytes("x\n"));
    await file.close();
    expect(read(".1")).toBe("larger than four\n");
  });

  test("rotates when a new day or hour has begun in UTC", async () => {
    let now = Date.parse("2026-11-21T23:59:59.900Z");
    const file = new LogFile(path, { interval: "hourly" }, () => now);
    await file.write(bytes("old\n"));
    await file.write(bytes("old too\n"));
    now += 200;
    await file.write(bytes("new\n"));
    await file.write(bytes("new too\n"));
    await file.close();
    expect(read(".1")).toBe("old\nold too\n");
    expect(read()).toBe("new\nnew too\n");
  });

  test("a file of an earlier day is rotated by the next run", async () => {
    writeFileSync(path, "yesterday\n");
    const yesterday = Date.now() / 1000 - 86_400;
    utimesSync(path, yesterday, yesterday);
    const file = new LogFile(path, { interval: "daily" });
    await file.write(bytes("today\n"));
    await file.close();
    expect(read(".1")).toBe("yesterday\n");
    expect(read()).toBe("today\n");
  });

  test("follows its name after logrotate has moved the file", async () => {
    const file = new LogFile(path);
    await file.write(bytes("one\n"));
    renameSync(path, `${path}.moved`);
    await file.write(bytes("two\n"));
    await file.reopen();
    await file.write(bytes("three\n"));
    await file.close();
    expect(read(".moved")).toBe("one\ntwo\n");
    expect(read()).toBe("three\n");
  });

  test("two writers of one file rotate it once", async () => {
    const rotate = { maxBytes: 8 };
    const [first, second] = [new LogFile(path, rotate), new LogFile(path, rotate)];
    await first.write(bytes("aaa\n"));
    await second.write(bytes("bbb\n"));
    await first.write(bytes("ccc\n"));
    await second.write(bytes("ddd\n"));
    await first.write(bytes("eee\n"));
    await Promise.all([first.close(), second.close()]);
    const all = [read(".2"), read(".1"), read()].join("");
    expect(all.split("\n").toSorted().join("")).toBe("aaabbbcccdddeee");
  });

  test("a full disk is the system's error", async () => {
    const file = new LogFile("/dev/full");
    expect(file.write(bytes("x\n"))).rejects.toMatchObject({ code: "ENOSPC" });
    await file.close();
  });

  test("what cannot be opened is an error, and is opened once it can", async () => {
    const missing = join(folder, "none", "access.log");
    const file = new LogFile(missing);
    expect(file.reopen()).rejects.toMatchObject({ code: "ENOENT" });
    expect(file.write(bytes("lost\n"))).rejects.toMatchObject({ code: "ENOENT" });
    mkdirSync(join(folder, "none"));
    await file.write(bytes("kept\n"));
    await file.close();
    expect(readFileSync(missing, "utf8")).toBe("kept\n");
    expect(new LogFile(folder).reopen()).rejects.toMatchObject({ code: "EISDIR" });
  });
});
