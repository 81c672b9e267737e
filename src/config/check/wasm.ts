import { statSync } from "node:fs";
import type { AbiName } from "../../sandbox/abi/abi.ts";
import { detectAbi } from "../../sandbox/abi/detect-abi.ts";
import { HANDLE_REQUEST, HANDLE_RESPONSE } from "../../sandbox/abi/http-message.ts";
import { misfit } from "../../sandbox/abi/misfit.ts";
import { inspect } from "../../sandbox/module/inspect.ts";
import { readModuleFile } from "../../sandbox/module/read-module-file.ts";
import { SecurityPolicy } from "../../sandbox/policy.ts";
import type { ModuleInfo } from "../../sandbox/module/module-info.ts";
import { parseSize } from "../../internal/parse-size.ts";
import type { KeyPath } from "../path-key.ts";
import type { Config, MiddlewareConfig, RouteConfig } from "../schema/config.ts";
import { reason } from "../values.ts";
import type { CheckContext } from "./check.ts";

type WasmAction = Extract<RouteConfig["action"], { type: "wasm" }>;
type WasmLayer = MiddlewareConfig["wasm"][number];

/** A module that is there, can be read, and can answer. */
export function checkWasmAction(context: CheckContext, action: WasmAction, at: KeyPath): void {
  const module = checkGuest(context, action, at);
  if (module === undefined) return;
  const abi = abiOf(module);
  const path = [...at, "module"];
  if (abi === undefined) return context.error(path, "value", ...noAbi(action.module, module));
  const functions = functionsOf(module);
  if (!fits(context, action.module, module, abi, path)) return;
  if (abi === "http-wasm" || abi === "wasi") {
    const entries = abi === "wasi" ? ["_start", HANDLE_REQUEST] : [HANDLE_REQUEST];
    if (!entries.some((name) => functions.includes(name))) {
      const message = `${action.module} exports no ${entries[0]}, by which a module for ${abi} answers`;
      context.error(path, "value", message, exportedHelp(functions));
    }
    return;
  }
  if (functions.includes(action.call)) return;
  const message = `${action.module} exports no function ${JSON.stringify(action.call)}`;
  const help = exportedHelp(functions, "set call to one of");
  context.error(context.isSet([...at, "call"]) ? [...at, "call"] : path, "value", message, help);
}

function exportedHelp(functions: readonly string[], words = "it exports"): string {
  const names = functions.filter((name) => !name.startsWith("_")).slice(0, 10);
  return `help: ${names.length === 0 ? "it exports no function" : `${words} ${names.join(", ")}`}`;
}

/** Whether the module and its ABI go together. */
function fits(
  context: CheckContext,
  file: string,
  module: ModuleInfo,
  abi: AbiName,
  path: KeyPath,
): boolean {
  const problem = misfit(module, abi);
  if (problem === undefined) return true;
  const help = "help: sluice wasm inspect FILE shows all that it imports and exports";
  context.error(path, "value", `cannot use ${file}: ${problem}`, help);
  return false;
}

/** The same for modules that stand around others. */
export function checkWasmLayers(
  context: CheckContext,
  layers: Config["middleware"]["wasm"],
  at: KeyPath,
): void {
  if (!layers) return;
  for (const [index, layer] of layers.entries()) {
    const place = [...at, index];
    const module = checkGuest(context, layer, place);
    if (module === undefined) continue;
    const abi = abiOf(module);
    const path = [...place, "module"];
    if (abi === undefined) context.error(path, "value", ...noAbi(layer.module, module));
    else if (abi !== "http-wasm") {
      const message = `${layer.module} is a module for ${abi}, and a middleware is one for http-wasm`;
      context.error(path, "value", message, 'help: answer with it: action = { type = "wasm", … }');
    } else if (fits(context, layer.module, module, abi, path)) {
      const functions = functionsOf(module);
      const lacking = [HANDLE_REQUEST, HANDLE_RESPONSE].filter((name) => !functions.includes(name));
      if (lacking.length === 0) continue;
      const message = `${layer.module} exports no ${lacking.join(" and no ")}, by which a middleware is called`;
      context.error(path, "value", message, exportedHelp(functions));
    }
  }
}

function checkGuest(
  context: CheckContext,
  guest: WasmAction | WasmLayer,
  at: KeyPath,
): ModuleInfo | undefined {
  checkBounds(context, guest, at);
  for (const [name, folder] of Object.entries(guest.files)) {
    const path = [...at, "files", name];
    if (!/^\/(?:[^/]+(?:\/[^/]+)*)?$/.test(name) || /(?:^|\/)\.\.?(?:\/|$)/.test(name)) {
      const message = `${JSON.stringify(name)} must be an absolute path, such as "/data"`;
      context.error(path, "key", message);
    }
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      context.error(path, "value", `there is no directory ${folder}`);
    }
  }
  const path = [...at, "module"];
  if (context.isDamaged(path) || context.isDamaged([...at, "policy"])) return undefined;
  try {
    const { maxModule } = SecurityPolicy.named(guest.policy).limits;
    return inspect(readModuleFile(guest.module, maxModule));
  } catch (error) {
    const isFault = typeof (error as { errno?: unknown }).errno === "number";
    const why = isFault ? reason(error) : (error as Error).message;
    const help = isFault ? "help: build it, or correct the path" : brokenHelp(why);
    context.error(path, "value", `cannot use ${guest.module}: ${why}`, help);
    return undefined;
  }
}

/** What the builder of a sandbox would refuse. */
function checkBounds(context: CheckContext, guest: WasmAction | WasmLayer, at: KeyPath): void {
  const { executor, cpu_timeout_ms: cpu, memory_limit: memory, network } = guest;
  const name = (key: string): string => context.name([...at, key]);
  if (executor === "inline" && cpu !== undefined && cpu > 10) {
    const message = `${name("cpu_timeout_ms")} is at most 10 for a guest that runs inline: it holds the whole server`;
    context.error([...at, "cpu_timeout_ms"], "value", message, 'help: set executor = "worker"');
  }
  if (executor === "inline" && network !== undefined) {
    const message = `${name("network")} needs an executor that can wait: a guest that runs inline cannot`;
    context.error([...at, "network"], "key", message, 'help: set executor = "worker"');
  }
  if (memory === undefined || context.isDamaged([...at, "memory_limit"])) return;
  const bytes = parseSize(memory);
  if (bytes >= 65_536 && bytes <= 4 * 2 ** 30) return;
  const message = `${name("memory_limit")} must be from "64KiB" (one page) to "4GiB"`;
  context.error([...at, "memory_limit"], "value", message);
}

function abiOf({ imports }: ModuleInfo): AbiName | undefined {
  return detectAbi(imports.map(({ module }) => module));
}

function functionsOf({ exports }: ModuleInfo): string[] {
  return exports.filter(({ kind }) => kind === "function").map(({ name }) => name);
}

function noAbi(file: string, { imports }: ModuleInfo): [message: string, help: string] {
  const modules = [...new Set(imports.map(({ module }) => module))].join(", ");
  return [
    `${file} imports from ${modules}, which nothing here provides`,
    "help: build it for http-wasm, Extism or WASI",
  ];
}

/** What helps with a file that no sandbox takes. */
function brokenHelp(why: string): string {
  if (why.includes("no WebAssembly module")) {
    return "help: name the .wasm that a compiler wrote; wat2wasm makes one of the text format";
  }
  if (why.includes("ends in the middle")) return "help: it is not whole: build or copy it anew";
  return "help: build it anew, without threads and exceptions";
}
