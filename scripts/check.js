// npm run check: types, lint and format, all of them shown.
import { spawnSync } from "node:child_process";

const checks = [
  ["types", "tsc", ["--noEmit"]],
  ["lint", "oxlint", ["--deny-warnings"]],
  ["format", "oxfmt", ["--check"]],
];

let failed = 0;
for (const [name, command, args] of checks) {
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  console.log(`${name}: ${status === 0 ? "ok" : "failed"}`);
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
