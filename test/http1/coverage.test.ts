import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cases } from "./cases.ts";

test("the table reaches at least 98 % of the parser's branches", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-coverage-"));
  try {
    const driver = new URL("parser-driver.ts", import.meta.url).pathname;
    const built = await Bun.build({
      entrypoints: [driver],
      outdir: folder,
      target: "node",
      naming: "driver.mjs",
    });
    expect(built.success).toBe(true);
    const inputs = join(folder, "inputs.json");
    await writeFile(inputs, JSON.stringify(cases.map((item) => item.send)));
    const script = new URL("parser-coverage.mjs", import.meta.url).pathname;
    const child = Bun.spawn(["node", script, join(folder, "driver.mjs"), inputs], {
      stdout: "pipe",
    });
    const { total, missed } = (await new Response(child.stdout).json()) as {
      total: number;
      missed: string[];
    };
    expect(total).toBeGreaterThan(100);
    const reached = (total - missed.length) / total;
    expect({ reached: reached >= 0.98, missed: reached >= 0.98 ? [] : missed }).toEqual({
      reached: true,
      missed: [],
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
