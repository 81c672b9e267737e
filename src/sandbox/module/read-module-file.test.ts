import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { InvalidModule } from "./invalid-module.ts";
import { readModuleFile } from "./read-module-file.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-module-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);

test("a file, by its path, by a link and as a URL", () => {
  writeFileSync(inFolder("a.wasm"), "bytes");
  symlinkSync("a.wasm", inFolder("link.wasm"));
  for (const path of [inFolder("a.wasm"), inFolder("link.wasm"), pathToFileURL(inFolder("a.wasm"))])
    expect(new TextDecoder().decode(readModuleFile(path, 5))).toBe("bytes");
  writeFileSync(inFolder("empty.wasm"), "");
  expect(readModuleFile(inFolder("empty.wasm"), 5)).toHaveLength(0);
});

test("one that is too long is not read", () => {
  writeFileSync(inFolder("large.wasm"), "");
  truncateSync(inFolder("large.wasm"), 8 * 1024 ** 3);
  const before = process.memoryUsage.rss();
  expect(() => readModuleFile(inFolder("large.wasm"), 1000)).toThrow(
    "has 8589934592 bytes, and 1000 are allowed",
  );
  expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
});

test("what is no file is not waited for", () => {
  Bun.spawnSync(["mkfifo", inFolder("fifo.wasm")]);
  for (const path of [inFolder("fifo.wasm"), "/dev/zero", folder])
    expect(() => readModuleFile(path, 1000)).toThrow(InvalidModule);
  expect(() => readModuleFile(inFolder("nowhere.wasm"), 1000)).toThrow("ENOENT");
});
