import { HostBroker } from "./host/host-broker.ts";
import { KeyValueStore } from "./host/key-value-store.ts";
import { WorkerExecutor } from "./executor/worker/worker-executor.ts";
import { instrument } from "./module/instrument.ts";

/** An endless loop; one that counts; one that fills memory. Each is the export `f` of a module of its own. */
const ENDLESS = [
  "0061736d0100000001040160000003020100070501016600000a0901070003400c000b0b",
  "0061736d0100000001040160000003020100070501016600000a12011001017f0340200041016a21000c000b0b",
  "0061736d01000000010401600000030201000503010001070501016600000a1401120003404100410041808004fc0b000c000b0b",
].map((hex) => Uint8Array.fromHex(hex.replaceAll(" ", "")));

/** Long enough for every tier of the compiler to have had its turn. */
const RUN_MS = 15;
const PATIENCE_MS = 5_000;

let result: Promise<boolean> | undefined;

/**
 * Whether this runtime stops guests that do not end by themselves. Tried once for the process, on a thread, with
 * guests that are known: a change of the engine must not be noticed by a server that hangs.
 */
export function canStopGuests(): Promise<boolean> {
  return (result ??= tryAll().catch(() => false));
}

async function tryAll(): Promise<boolean> {
  for (const bytes of ENDLESS) if (!(await isStopped(bytes))) return false;
  return true;
}

async function isStopped(bytes: Uint8Array): Promise<boolean> {
  const { bytes: instrumented, ...layout } = instrument(bytes);
  const limits = { memoryLimit: 65_536, maxOutputBytes: 1024, maxHostCalls: 0 };
  const none = { maxStoreBytes: 0, maxRequestBytes: 0 };
  const nothing = { env: [], config: [], files: [], logLevel: "off" as const };
  const spec = { abi: "plain" as const, layout, ...limits, ...none, ...nothing };
  const module = await WebAssembly.compile(instrumented);
  const kv = new KeyValueStore({ maxKeys: 0, maxBytes: 0 });
  const executor = await WorkerExecutor.create(
    module,
    spec,
    new HostBroker({ kv, network: undefined }),
  );
  const times = { cpuMs: RUN_MS, callMs: PATIENCE_MS, deadline: performance.now() + PATIENCE_MS };
  const call = { entry: "f", input: undefined, session: 0, audited: false, ...times };
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
    });
    const outcome = await Promise.race([executor.run(call, undefined), patience]);
    return outcome?.killed === true;
  } finally {
    clearTimeout(timer);
    await executor.dispose();
  }
}
