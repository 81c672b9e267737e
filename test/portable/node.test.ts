// The framework's own suites through app.fetch on Node, against the built output.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "sluice-portable-"));
const dist = join(folder, "dist");
const suites = readdirSync(join(root, "test/framework"))
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => join(root, "test/framework", name));

async function run(command: string[]): Promise<{ code: number; said: string }> {
  const child = Bun.spawn(command, { cwd: root, stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, said: out + err };
}

beforeAll(async () => {
  const tsc = join(root, "node_modules/.bin/tsc");
  const built = await run([tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", dist]);
  if (built.code !== 0) throw new Error(built.said);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test("there are suites to run", () => {
  expect(suites.length).toBeGreaterThan(3);
});

test.each(suites.map((suite) => basename(suite)))(
  "%s passes on Node",
  async (name) => {
    const bundle = await Bun.build({
      entrypoints: [join(root, "test/framework", name)],
      target: "node",
      format: "esm",
      outdir: join(folder, "suites"),
      packages: "external",
      plugins: [
        {
          name: "built output",
          setup(build) {
            build.onResolve({ filter: /^bun:test$/ }, () => ({
              path: join(root, "test/portable/bun-test-on-node.js"),
            }));
            build.onResolve({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({
              path: join(dist, path.replace(/^.*\/src\//, "").replace(/\.ts$/, ".js")),
              external: true,
            }));
          },
        },
      ],
    });
    expect(bundle.success).toBe(true);
    const file = join(folder, "suites", name.replace(/\.ts$/, ".js"));
    const { code, said } = await run(["node", "--test", "--test-reporter=spec", file]);
    if (code !== 0) throw new Error(said.slice(-6_000));
    expect(Number(/pass (\d+)/.exec(said)?.[1])).toBeGreaterThan(0);
  },
  60_000,
);
