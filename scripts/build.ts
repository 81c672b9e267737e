// npm run build [-- FOLDER]: ES modules with their types in dist/, and one executable in dist/bin/sluice.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { $ } from "bun";

const root = new URL("..", import.meta.url).pathname;
const out = process.argv[2] ?? join(root, "dist");

await rm(out, { recursive: true, force: true });
console.log(`modules and types → ${out}`);
await $`tsc -p tsconfig.build.json --outDir ${out}`.cwd(root);
console.log(`executable → ${join(out, "bin", "sluice")}`);
await $`bun build --compile --minify --bytecode --outfile ${join(out, "bin", "sluice")} src/cli/main.ts`
  .cwd(root)
  .quiet();
