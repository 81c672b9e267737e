import { readFileSync, statSync } from "node:fs";
import { detectAbi } from "../../sandbox/abi/detect-abi.ts";
import { inspect } from "../../sandbox/module/inspect.ts";
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
  if (abi === "http-wasm" || abi === "wasi") return;
  const functions = functionsOf(module);
  if (functions.includes(action.call)) return;
  const message = `${action.module} exports no function ${JSON.stringify(action.call)}`;
  const help =
    functions.length === 0
      ? "help: it exports no function at all"
      : `help: set call to one of ${functions.slice(0, 10).join(", ")}`;
  context.error(context.isSet([...at, "call"]) ? [...at, "call"] : path, "value", message, help);
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
  if (context.isDamaged(path)) return undefined;
  try {
    return inspect(readFileSync(guest.module));
  } catch (error) {
    const isFault = typeof (error as { errno?: unknown }).errno === "number";
    const why = isFault ? reason(error) : (error as Error).message;
    const help = isFault
      ? "help: build it, or correct the path"
      : "help: build it anew, without threads and exceptions";
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

function abiOf({ imports }: ModuleInfo): string | undefined {
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
