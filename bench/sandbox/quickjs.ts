import variant from "@jitl/quickjs-wasmfile-release-sync";
import type { QuickJSContext } from "quickjs-emscripten-core";
import { newQuickJSWASMModuleFromVariant, newVariant } from "quickjs-emscripten-core";

/** Links QuickJS's module to its imports and to a memory. */
export type Link = (
  imports: WebAssembly.Imports,
  memory: WebAssembly.Memory,
) => { module: WebAssembly.Module; instance: WebAssembly.Instance };

/** A JavaScript context within QuickJS, whose module is linked by the caller. */
export async function quickJsContext(link: Link): Promise<QuickJSContext> {
  const wasmMemory = new WebAssembly.Memory({ initial: 256, maximum: 1024 });
  const emscriptenModule = {
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ): WebAssembly.Exports {
      const { module, instance } = link(imports, wasmMemory);
      done(instance, module);
      return instance.exports;
    },
  };
  const linked = newVariant(variant as never, { wasmMemory, emscriptenModule } as never);
  return (await newQuickJSWASMModuleFromVariant(linked)).newContext();
}

/** What an interpreter is used for, as JavaScript whose value is a number. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  calls: "function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) } fib(24)",
  loop: "let s = 0; for (let i = 0; i < 500000; i++) s = (s + i * 3) | 0; s",
  JSON: `const o = { a: [1, 2, 3, { b: "x".repeat(50) }], c: { d: 1.5, e: null } }; let n = 0;
    for (let i = 0; i < 2000; i++) n += JSON.stringify(JSON.parse(JSON.stringify(o))).length; n`,
  strings: `let t = "", c = 0; for (let i = 0; i < 30000; i++) {
    t += String.fromCharCode(97 + i % 26); if (t.length > 500) t = t.slice(100); c += t.length } c`,
  sort: `const a = []; let x = 1; for (let i = 0; i < 10000; i++)
    a.push(x = (x * 1103515245 + 12345) & 0x7fffffff); a.sort((p, q) => p - q)[5]`,
  "regular expression": `let n = 0; for (let i = 0; i < 4000; i++)
    if (/(a+)(b|c)*d/.test("xxaaaabcbcbd" + i)) n++; n`,
};
