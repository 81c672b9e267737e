import { resolve } from "node:path";
import { detectAbi } from "../../sandbox/abi/detect-abi.ts";
import { misfit, signature } from "../../sandbox/abi/misfit.ts";
import { inspect } from "../../sandbox/module/inspect.ts";
import { defaultModuleLimits } from "../../sandbox/module/limits.ts";
import { readModuleFile as readModule } from "../../sandbox/module/read-module-file.ts";
import { escapeControls } from "../../telemetry/log/escape.ts";
import type { FunctionType, ModuleInfo } from "../../sandbox/module/module-info.ts";
import type { Shell } from "../shell.ts";
import { UsageError } from "../command.ts";
import { needsOf } from "./needs.ts";

/** The bytes of a module. @throws UsageError when it cannot be read */
export function readModuleFile(file: string, shell: Shell): Uint8Array<ArrayBuffer> {
  try {
    return readModule(resolve(shell.cwd, file), defaultModuleLimits.maxBytes);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

/** Tells what a module is made of, which ABI it is for and what it would want. */
export function inspectModule(file: string, shell: Shell): number {
  const bytes = readModuleFile(file, shell);
  let info: ModuleInfo;
  try {
    info = inspect(bytes);
  } catch (error) {
    shell.err(`error: ${file}: ${escapeControls((error as Error).message)}\n`);
    return 1;
  }
  const abi = detectAbi(info.imports.map(({ module }) => module));
  const problem = abi && misfit(info, abi);
  const lines = [
    `${file}: ${info.bytes} bytes, ${info.functions} functions, ${info.codeBytes} bytes of code, ${info.dataBytes} of data`,
    `ABI: ${abi ?? "none that a sandbox has: it would be refused"}`,
    ...(problem === undefined ? [] : [`would be refused: ${problem}`]),
    `memory: ${memoryText(info)}`,
    ...(info.hasStart ? ["start function: runs under the time limit before the first call"] : []),
    ...section(
      "imports",
      info.imports.map(
        ({ module, name, kind, type }) => `${module}.${name} ${typeText(kind, type)}`,
      ),
    ),
    ...section(
      "exports",
      info.exports.map(({ name, kind, type }) => `${name} ${typeText(kind, type)}`),
    ),
    ...section(
      "would want",
      needsOf(info).map(({ what, allowedBy }) => `${what}: allowed by ${allowedBy}`),
    ),
  ];
  // Names are a stranger's: they shall not write other lines, nor to the terminal itself.
  shell.out(`${lines.map(escapeControls).join("\n")}\n`);
  return abi === undefined || problem !== undefined ? 1 : 0;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0
    ? [`${title}: none`]
    : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

function typeText(kind: string, type: FunctionType | undefined): string {
  return type === undefined ? kind : signature(type);
}

function memoryText({ memory }: ModuleInfo): string {
  if (memory === undefined) return "none";
  const pages = (count: number): string => `${count} pages (${count * 64} KiB)`;
  const most =
    memory.maxPages === undefined ? "no maximum of its own" : `at most ${pages(memory.maxPages)}`;
  return `${pages(memory.minPages)}, ${most}`;
}
