// Builds the guests of this folder: npx bun examples/sandbox/build.ts [folder, "built" beside this if left out].
// Needs clang and lld (Debian: clang lld), and the packages assemblyscript, wabt and @extism/as-pdk.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import loadWabt from "wabt";

const here = import.meta.dirname;
const root = resolve(here, "../..");

/** Names of the guests, which are those of the files: `jwt-verifier.wasm`. */
export const guests = {
  "jwt-verifier": "c",
  "rate-limiter": "wat",
  "json-sanitiser": "assembly",
  "data-processor": "assembly",
  chat: "c",
} as const;

/** Builds all of them, or those that are named. @throws Error with what a compiler said */
export async function buildGuests(
  folder: string,
  names: readonly (keyof typeof guests)[] = Object.keys(guests) as (keyof typeof guests)[],
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const out = join(folder, `${name}.wasm`);
    if (guests[name] === "c") compileC(join(here, "guests", `${name}.c`), out);
    else if (guests[name] === "wat") await assemble(join(here, "guests", `${name}.wat`), out);
    else compileAssemblyScript(`examples/sandbox/guests/assembly/${name}.ts`, out);
  }
}

function compileC(file: string, out: string): void {
  const target = ["--target=wasm32", "-O2", "-nostdlib", "-ffreestanding", "-fno-builtin"];
  run("clang", [...target, "-Wl,--no-entry", `-I${join(here, "include")}`, file, "-o", out]);
}

async function assemble(file: string, out: string): Promise<void> {
  const wabt = await loadWabt();
  const module = wabt.parseWat(file, readFileSync(file, "utf8"), {});
  writeFileSync(out, module.toBinary({}).buffer);
  module.destroy();
}

function compileAssemblyScript(file: string, out: string): void {
  const asc = join(root, "node_modules/assemblyscript/bin/asc.js");
  // Where AssemblyScript would call abort of its host, it traps.
  const flags = ["-O2", "--runtime", "stub", "--use", "abort="];
  run(process.execPath, [asc, file, ...flags, "--outFile", out]);
}

function run(command: string, args: readonly string[]): void {
  const { status, error, stderr, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
  });
  if (status === 0) return;
  const said = error?.message ?? `${stderr}${stdout}`;
  throw new Error(`${command} ${args.join(" ")}: ${said}`);
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(here, "built");
  await buildGuests(folder);
  console.log(`built ${Object.keys(guests).join(", ")} in ${folder}`);
}
