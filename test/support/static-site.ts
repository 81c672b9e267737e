import { afterAll } from "bun:test";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Context } from "../../src/core/context.ts";
import type { Reply } from "../../src/core/reply.ts";
import type { StaticOptions } from "../../src/files/options.ts";
import { staticFiles } from "../../src/files/static-files.ts";
import type { FakeRequest } from "./fake-exchange.ts";
import { FakeExchange } from "./fake-exchange.ts";

/** A context as the route `/*` makes it. */
export function contextOf(target: string, request?: FakeRequest): Context {
  const exchange = new FakeExchange(target, request);
  return new Context(exchange, exchange.path.slice(1));
}

/** Makes a directory that is removed after the tests of the file. */
export function temporary(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "sluice-files-"));
  afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files by their relative names. */
export function write(root: string, files: Record<string, string | Uint8Array>): void {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), content);
  }
}

/** Sites in subdirectories of one temporary directory. */
export function siteMaker() {
  const base = temporary();
  let count = 0;
  return (files: Record<string, string | Uint8Array>, options: StaticOptions = {}) => {
    const root = path.join(base, String(count++), "root");
    fs.mkdirSync(root, { recursive: true });
    write(root, files);
    const handler = staticFiles(root, options);
    const get = async (target: string, headers: Record<string, string> = {}): Promise<Reply> =>
      handler(contextOf(target, { headers }));
    const ask = async (target: string, request: FakeRequest): Promise<Reply> =>
      handler(contextOf(target, request));
    return { root, handler, get, ask };
  };
}
