import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildOnce } from "./build-cache.ts";

const root = new URL("../../../", import.meta.url).pathname;

const SYSTEM_PATH = (process.env["PATH"] ?? "")
  .split(":")
  .filter((folder) => !folder.includes("node_modules"))
  .join(":");

/** Compiles C with Debian's clang. @param flags beside those of the target, such as `-nostdlib` */
export function compileC(
  file: string | { text: string },
  flags: readonly string[],
): Uint8Array<ArrayBuffer> {
  const given = typeof file === "string" ? file : "-";
  return compile(
    "clang",
    ["--target=wasm32-wasi", "-O2", "-Wall", "-x", "c", ...flags, given],
    typeof file === "string" ? undefined : file.text,
  );
}

/** Flags for a module without a `main`, which exports what it names. */
export const REACTOR = ["-mexec-model=reactor"];
/** Flags for a module that needs no library. */
export const FREESTANDING = ["-nostdlib", "-ffreestanding", "-Wl,--no-entry"];

/** Compiles AssemblyScript, which takes seconds where it was not done before. */
export async function compileAssemblyScript(
  file: string,
  flags: readonly string[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  const asc = join(root, "node_modules/assemblyscript/bin/asc.js");
  const all = ["-O2", "--runtime", "stub", "--path", "node_modules", ...flags];
  const sources = [join(root, "package-lock.json"), resolve(root, file), ...all];
  const folder = await buildOnce(sources, (into) => {
    writeFileSync(join(into, "guest.wasm"), compile(process.execPath, [asc, file, ...all]));
  });
  return new Uint8Array(readFileSync(join(folder, "guest.wasm")));
}

function compile(
  command: string,
  args: readonly string[],
  input?: string,
): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-guest-"));
  const out = join(folder, "guest.wasm");
  try {
    const outFlag = command === "clang" ? "-o" : "--outFile";
    const { status, stderr, stdout } = spawnSync(command, [...args, outFlag, out], {
      cwd: root,
      encoding: "utf8",
      // Where clang finds a wasm-opt it runs it, and that of npm takes a second.
      env: { ...process.env, PATH: SYSTEM_PATH },
      ...(input !== undefined && { input }),
    });
    if (status !== 0 || !existsSync(out)) {
      throw new Error(`${command} ${args.join(" ")} failed:\n${stderr ?? ""}${stdout ?? ""}`);
    }
    return new Uint8Array(readFileSync(out));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
