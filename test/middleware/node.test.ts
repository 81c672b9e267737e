import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

test("the same middleware runs on Node", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-node-"));
  try {
    const built = await Bun.build({
      entrypoints: [new URL("node-program.ts", import.meta.url).pathname],
      target: "node",
      outdir: folder,
      naming: "program.mjs",
    });
    expect(built.success).toBe(true);
    const child = Bun.spawn(["node", join(folder, "program.mjs")], {
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect({ out, err }).toEqual({ out: "all is well\n", err: "" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 30_000);
