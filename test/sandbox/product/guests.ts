import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "bun:test";
import type { guests } from "../../../examples/sandbox/build.ts";
import { buildGuests } from "../../../examples/sandbox/build.ts";

/** Builds guests of the examples, for the tests of one file. @returns where they are */
export async function builtGuests(...names: (keyof typeof guests)[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-guests-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  await buildGuests(folder, names);
  return folder;
}
