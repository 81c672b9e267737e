import { afterAll, beforeAll, expect, test } from "bun:test";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { OpenFiles } from "./open-files.ts";
import { load } from "./load.ts";
import { resolveOptions } from "./options.ts";
import type { Representation } from "./representation.ts";
import { SiteRoot } from "./site-root.ts";

let folder: string;
let root: SiteRoot;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "open-files-"));
  root = new SiteRoot(folder, "deny", "inside");
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const settings = resolveOptions({ cache: { maxFileBytes: 0 } });

function describeFile(name: string, text: string): Representation {
  fs.writeFileSync(path.join(folder, name), text);
  const entry = load(root, name, new Map(), settings);
  if (entry === undefined) throw new Error("the file should be there");
  return entry.plain;
}

const isOpen = (fd: number, name: string): boolean => {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(path.join(folder, name));
  } catch {
    return false;
  }
};

test("two readers share one descriptor, which outlives neither the moment nor the last reader", async () => {
  const files = new OpenFiles(root, 20);
  const shown = describeFile("shared", "bytes");
  const first = files.open(shown);
  const second = files.open(shown);
  if (first === undefined || second === undefined) throw new Error("not opened");
  expect(second.fd).toBe(first.fd);
  await Bun.sleep(60);
  expect(isOpen(first.fd, "shared")).toBe(true);
  first.release();
  expect(isOpen(first.fd, "shared")).toBe(true);
  second.release();
  expect(isOpen(first.fd, "shared")).toBe(false);
});

test("a file that nobody reads is closed after the moment, so that a deleted one gives its room back", async () => {
  const files = new OpenFiles(root, 20);
  const lent = files.open(describeFile("idle", "bytes"));
  if (lent === undefined) throw new Error("not opened");
  lent.release();
  expect(isOpen(lent.fd, "idle")).toBe(true);
  await Bun.sleep(60);
  expect(isOpen(lent.fd, "idle")).toBe(false);
});

test("a file written in place is no longer the one described", () => {
  const files = new OpenFiles(root, 1000);
  const shown = describeFile("changed", "first");
  const lent = files.open(shown);
  fs.writeFileSync(path.join(folder, "changed"), "second, and longer");
  expect(files.open(shown)).toBeUndefined();
  lent?.release();
  expect(isOpen(lent?.fd ?? -1, "changed")).toBe(false);
});

test("with nothing to be kept every reader opens for itself", () => {
  const files = new OpenFiles(root, 0);
  const shown = describeFile("alone", "bytes");
  const first = files.open(shown);
  const second = files.open(shown);
  expect(second?.fd).not.toBe(first?.fd);
  first?.release();
  second?.release();
  expect(isOpen(first?.fd ?? -1, "alone")).toBe(false);
});

test("no more than a bounded number of files stays open", () => {
  const files = new OpenFiles(root, 1000);
  const lent = Array.from({ length: 80 }, (_, i) => files.open(describeFile(`many-${i}`, "x")));
  for (const file of lent) file?.release();
  const open = lent.filter((file, i) => isOpen(file?.fd ?? -1, `many-${i}`));
  expect(open.length).toBe(64);
});
