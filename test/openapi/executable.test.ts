import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { folder, sluice } from "../cli/cli.ts";

const src = join(import.meta.dir, "../../src");
const APP = `import { App } from "${src}/index.ts";
import { docs } from "${src}/openapi/index.ts";
export const app = new App().use(docs({ title: "Inside", version: "1" })).get("/x", () => "x");
`;

test("an executable has the page and its files inside", async () => {
  using here = folder({ "app.ts": APP, "elsewhere/note": "" });
  const built = await sluice(["build", "app.ts", "-o", "server"], here.path);
  expect([built.code, built.err]).toEqual([0, ""]);
  // What it was made of is gone, so nothing can be read from there.
  writeFileSync(join(here.path, "app.ts"), "");
  const child = Bun.spawn([join(here.path, "server"), "--port", "0", "--host", "127.0.0.1"], {
    cwd: join(here.path, "elsewhere"),
    env: { PATH: "/usr/bin:/bin" },
    stdout: "pipe",
    stderr: "ignore",
  });
  try {
    const { value } = await child.stdout.getReader().read();
    const started = JSON.parse(new TextDecoder().decode(value)) as { addresses: { url: string }[] };
    const url = (started.addresses[0] as { url: string }).url;
    const sizes: Record<string, number> = {};
    for (const path of [
      "docs",
      "openapi.json",
      "docs/swagger-ui-bundle.js",
      "docs/swagger-ui.css",
    ]) {
      const reply = await fetch(new URL(path, url));
      expect([path, reply.status]).toEqual([path, 200]);
      sizes[path] = (await reply.arrayBuffer()).byteLength;
    }
    expect(sizes["docs/swagger-ui-bundle.js"]).toBeGreaterThan(1_000_000);
    expect(sizes["docs/swagger-ui.css"]).toBeGreaterThan(100_000);
  } finally {
    child.kill();
    await child.exited;
  }
}, 60_000);
