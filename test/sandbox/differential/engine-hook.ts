import { instrument } from "../../../src/sandbox/module/instrument.ts";
import type { Instrumented } from "../../../src/sandbox/module/instrument.ts";
import { defaultModuleLimits } from "../../../src/sandbox/module/limits.ts";
import {
  CELL_IMPORT,
  MEMORY_IMPORT,
  PRIVATE_MODULE,
} from "../../../src/sandbox/module/private-names.ts";

/** Programs of packages bring memories of their own, with the bounds they like. */
const limits = { ...defaultModuleLimits, maxMemoryPages: 65_536 };

const guests = new WeakMap<WebAssembly.Module, { guest: Instrumented; memoryImport?: string[] }>();
let instrumentedModules = 0;

/** How many modules were instrumented so far. */
export function countInstrumented(): number {
  return instrumentedModules;
}

type Source = ArrayBuffer | ArrayBufferView<ArrayBuffer>;

const engine = {
  Module: WebAssembly.Module,
  Instance: WebAssembly.Instance,
};

function toBytes(source: Source): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

function compile(source: Source): WebAssembly.Module {
  const guest = instrument(toBytes(source), limits);
  const original = new engine.Module(source);
  const memory = engine.Module.imports(original).find(({ kind }) => kind === "memory");
  const module = new engine.Module(guest.bytes);
  guests.set(module, { guest, ...(memory && { memoryImport: [memory.module, memory.name] }) });
  instrumentedModules++;
  return module;
}

function link(module: WebAssembly.Module, imports: WebAssembly.Imports = {}): WebAssembly.Instance {
  const known = guests.get(module);
  if (known === undefined) return new engine.Instance(module, imports);
  const { guest, memoryImport } = known;
  const own: WebAssembly.ModuleImports = {
    [CELL_IMPORT]: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
  };
  if (memoryImport !== undefined) {
    const [from, name] = memoryImport as [string, string];
    own[MEMORY_IMPORT] = (imports[from] as WebAssembly.ModuleImports)[name] as WebAssembly.Memory;
  } else if (guest.memory !== undefined) {
    const { minPages, maxPages } = guest.memory;
    own[MEMORY_IMPORT] = new WebAssembly.Memory({ initial: minPages, maximum: maxPages });
  }
  const instance = new engine.Instance(module, { ...imports, [PRIVATE_MODULE]: own });
  if (guest.start !== undefined) (instance.exports[guest.start] as () => void)();
  return instance;
}

/** Left out, so that programs fall back on bytes. */
const STREAMING = { compileStreaming: undefined, instantiateStreaming: undefined };

/** From here on whatever compiles WebAssembly in this process gets it instrumented. */
export function hookEngine(): void {
  const InstrumentedModule = function (source: Source) {
    return compile(source);
  };
  Object.assign(InstrumentedModule, {
    prototype: engine.Module.prototype,
    imports: engine.Module.imports,
    exports: engine.Module.exports,
    customSections: engine.Module.customSections,
  });
  const InstrumentedInstance = function (
    module: WebAssembly.Module,
    imports?: WebAssembly.Imports,
  ) {
    return link(module, imports);
  };
  InstrumentedInstance.prototype = engine.Instance.prototype;
  Object.assign(WebAssembly, STREAMING, {
    Module: InstrumentedModule,
    Instance: InstrumentedInstance,
    compile: async (source: Source) => compile(source),
    instantiate: async (source: Source | WebAssembly.Module, imports?: WebAssembly.Imports) => {
      if (source instanceof engine.Module) return link(source, imports);
      const module = compile(source);
      return { module, instance: link(module, imports) };
    },
  });
}
