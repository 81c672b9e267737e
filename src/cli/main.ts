#!/usr/bin/env bun
import { run } from "./run.ts";
import { processShell } from "./shell.ts";

// No top-level await: the compiled program's bytecode has none.
void run(process.argv.slice(2), processShell()).then((code) => {
  process.exitCode = code;
});
