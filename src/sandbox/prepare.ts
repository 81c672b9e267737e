import type { AbiName, LogLevel } from "./abi/abi.ts";
import { abiByName } from "./abi/abis.ts";
import { detectAbi } from "./abi/detect-abi.ts";
import { misfit } from "./abi/misfit.ts";
import type { Executor } from "./executor/executor.ts";
import { InlineExecutor } from "./executor/inline-executor.ts";
import { ProcessExecutor } from "./executor/process/process-executor.ts";
import { WorkerExecutor } from "./executor/worker/worker-executor.ts";
import type { LogLine } from "./guest/guest-host.ts";
import type { GuestFacts } from "./http/guest-caller.ts";
import type { GuestSpec } from "./guest/guest-spec.ts";
import type { AuditEntry } from "./host/audit-log.ts";
import { HostBroker } from "./host/host-broker.ts";
import { HostNetwork } from "./host/host-network.ts";
import { KeyValueStore } from "./host/key-value-store.ts";
import type { NetworkRules } from "./host/network-rules.ts";
import type { ModuleSource } from "./load-module.ts";
import { loadModule } from "./load-module.ts";
import type { LoadedModule } from "./module/cache.ts";
import { InvalidModule } from "./module/invalid-module.ts";
import { defaultModuleLimits } from "./module/limits.ts";
import type { SandboxLimits } from "./policy.ts";
import { WasmSandbox } from "./sandbox.ts";
import { canStopGuests } from "./self-test.ts";

/** What a builder was told. */
export interface SandboxSettings {
  readonly source: ModuleSource;
  readonly limits: SandboxLimits;
  readonly id: string;
  readonly abi: AbiName | undefined;
  readonly network: NetworkRules | undefined;
  readonly env: readonly (readonly [string, string])[];
  readonly files: readonly (readonly [string, string])[];
  readonly config: readonly (readonly [string, string])[];
  readonly logLevel: LogLevel | "off";
  readonly onLog: ((line: LogLine, id: string) => void) | undefined;
  readonly onAudit: ((entries: readonly AuditEntry[], id: string) => void) | undefined;
}

/** A module that is loaded, with all that its sandboxes have in common. */
export interface Prepared {
  readonly settings: SandboxSettings;
  readonly abi: AbiName;
  readonly facts: GuestFacts;
  /** @param id in the place of the settings' */
  create(id?: string): Promise<WasmSandbox>;
}

const PAGE = 65_536;
/**
 * Of a module that runs inline: the server waits while its instance is made, which takes some microseconds for each
 * of these, and is done anew after each trap.
 */
const INLINE = {
  maxExports: 1_000,
  maxGlobals: 1_000,
  maxSegments: 5_000,
  maxTableElements: 20_000,
};

/** @throws InvalidModule, or an error when guests cannot be stopped here */
export async function prepare(settings: SandboxSettings): Promise<Prepared> {
  const { limits, network, onLog, onAudit } = settings;
  const { executor: kind, memoryLimit, maxModule } = limits;
  const maxMemoryPages = Math.floor(memoryLimit / PAGE);
  const bounds = { maxBytes: maxModule, maxMemoryPages, ...(kind === "inline" && INLINE) };
  const moduleLimits = { ...defaultModuleLimits, ...bounds };
  const loaded = await loadModule(settings.source, moduleLimits);
  if (kind !== "process" && !(await canStopGuests())) {
    throw new Error(
      'this runtime does not stop guests that do not end by themselves, so they must not run in this process: use .executor("process")',
    );
  }
  const spec = specOf(loaded, settings);
  const kv = new KeyValueStore({ maxKeys: limits.maxKeys, maxBytes: limits.maxStoreBytes });
  const requests = network === undefined ? undefined : new HostNetwork(network);
  const broker = new HostBroker({ kv, network: requests });
  const start = (): Promise<Executor> => {
    if (kind === "inline") return InlineExecutor.create(loaded.module, spec, broker);
    if (kind === "worker") return WorkerExecutor.create(loaded.module, spec, broker);
    return ProcessExecutor.create(loaded.bytes, spec, broker);
  };
  const facts = factsOf(loaded);
  return {
    settings,
    abi: spec.abi,
    facts,
    async create(id = settings.id) {
      const executor = await start();
      return new WasmSandbox({ id, abi: spec.abi, facts, limits, executor, onLog, onAudit });
    },
  };
}

function factsOf({ imports, exports }: LoadedModule): GuestFacts {
  const functions = exports.filter(({ kind }) => kind === "function");
  return {
    imports: new Set(imports.map(({ module, name }) => `${module}.${name}`)),
    exports: new Set(functions.map(({ name }) => name)),
    empty: new Set(functions.filter(({ isEmpty }) => isEmpty).map(({ name }) => name)),
  };
}

function specOf(loaded: LoadedModule, settings: SandboxSettings): GuestSpec {
  const { limits, abi: wanted, network, env, config, files, logLevel } = settings;
  const { bytes: _bytes, module: _module, ...layout } = loaded;
  const modules = layout.imports.map((entry) => entry.module);
  const abi = wanted === undefined ? detectAbi(modules) : abiByName(wanted).name;
  if (abi === undefined) {
    const names = [...new Set(modules)].join(", ");
    throw new InvalidModule(
      `the module imports from ${names}, which is no ABI of a sandbox: build it for Extism, http-wasm or WASI`,
    );
  }
  const problem = misfit(layout, abi);
  if (problem !== undefined) throw new InvalidModule(problem);
  return {
    abi,
    layout,
    memoryLimit: limits.memoryLimit,
    maxOutputBytes: limits.maxOutput,
    maxStoreBytes: limits.maxStoreBytes,
    maxRequestBytes: network?.maxRequestBytes ?? 0,
    maxHostCalls: limits.maxHostCalls,
    logLevel,
    env,
    config,
    files,
  };
}
