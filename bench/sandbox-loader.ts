import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { instrument } from "../src/sandbox/module/instrument.ts";
import type { Instrumented } from "../src/sandbox/module/instrument.ts";
import { CELL_IMPORT, MEMORY_IMPORT, PRIVATE_MODULE } from "../src/sandbox/module/private-names.ts";
import { ownThreadClock, readThreadClock } from "../src/runtime/thread-clock.ts";
import { compileC, REACTOR } from "../test/sandbox/guests/toolchain.ts";
import { median, spread } from "./lib/statistics.ts";
import { table } from "./lib/table.ts";
import { quickJsContext, SCRIPTS } from "./sandbox/quickjs.ts";

const MIB = 2 ** 20;
const QUICKJS = "@jitl/quickjs-wasmfile-release-sync/wasm";
const SHA256 = join(import.meta.dir, "../test/sandbox/guests/c/sha256.c");

/** Modules of npm packages, by what is in them. */
const MODULES: Readonly<Record<string, string>> = {
  QuickJS: QUICKJS,
  SQLite: "sql.js/dist/sql-wasm.wasm",
  Lua: "wasmoon/dist/glue.wasm",
  Oniguruma: "vscode-oniguruma/release/onig.wasm",
  RE2: "re2-wasm/build/wasm/re2.wasm",
};

const require = createRequire(import.meta.url);

async function read(specifier: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await Bun.file(require.resolve(specifier)).arrayBuffer());
}

/**
 * What it costs to instrument a module, and what the checks then cost it. Targets: ≤ 20 ms for a MiB, ≤ 15 % on
 * SHA-256, ≤ 40 % on QuickJS.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: "string", default: "15" } },
  });
  const rounds = Number(values.rounds);
  await reportInstrumenting(rounds);
  await reportOverhead(rounds);
}

async function reportInstrumenting(rounds: number): Promise<void> {
  const rows: string[][] = [];
  for (const [name, specifier] of Object.entries(MODULES)) {
    const bytes = await read(specifier);
    const times: number[] = [];
    let guest: Instrumented | undefined;
    for (let i = 0; i < rounds; i++) times.push(time(() => (guest = instrument(bytes))));
    const instrumented = (guest as Instrumented).bytes;
    const perMiB = (ms: number): string => ((ms / bytes.length) * MIB).toFixed(1);
    rows.push([
      name,
      (bytes.length / 1024).toFixed(0),
      perMiB(times[0] as number),
      perMiB(median(times.slice(rounds >> 1))),
      `${((instrumented.length / bytes.length - 1) * 100).toFixed(0)} %`,
      perMiB(time(() => WebAssembly.validate(bytes))),
    ]);
  }
  console.log(
    "Instrumenting, in ms of CPU time for a MiB. The first time of the first module is that of code not yet compiled.\n",
  );
  const head = ["module", "KiB", "first", "then", "larger by", "engine's validation"];
  console.log(`${table(head, rows)}\n`);
}

const clock = ownThreadClock();

/** CPU time of this thread, in ms: whatever else the machine does counts little. `getrusage` counts in ticks of 4 ms. */
function time(work: () => unknown): number {
  const from = readThreadClock(clock);
  work();
  return readThreadClock(clock) - from;
}

/** Instances of one module, as it is and instrumented. */
interface Pair {
  readonly name: string;
  readonly plain: () => unknown;
  readonly instrumented: () => unknown;
}

async function reportOverhead(rounds: number): Promise<void> {
  const rows: string[][] = [];
  const ratios: number[] = [];
  for (const pair of [sha256Pair(), ...(await quickJsPairs())]) {
    if (pair.plain() !== pair.instrumented()) throw new Error(`${pair.name}: the results differ`);
    const plain: number[] = [];
    const instrumented: number[] = [];
    // By turns, so that whatever else the machine does befalls both.
    for (let i = 0; i < rounds + 5; i++) {
      const times = [time(pair.plain), time(pair.instrumented)] as const;
      if (i < 5) continue;
      plain.push(times[0]);
      instrumented.push(times[1]);
    }
    const ratio = median(instrumented.map((ms, i) => ms / (plain[i] as number)));
    if (pair.name.startsWith("QuickJS")) ratios.push(ratio);
    rows.push([
      pair.name,
      median(plain).toFixed(1),
      median(instrumented).toFixed(1),
      percent(ratio - 1),
      percent(spread(instrumented)),
    ]);
  }
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  rows.push(["QuickJS, all (geometric mean)", "", "", percent(mean - 1), ""]);
  console.log(table(["guest", "plain, CPU ms", "instrumented", "overhead", "spread"], rows));
}

const percent = (part: number): string => `${(part * 100).toFixed(0)} %`;

function newCell(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
}

function sha256Pair(): Pair {
  const bytes = compileC(SHA256, REACTOR);
  const guest = instrument(bytes);
  const { minPages, maxPages } = guest.memory as NonNullable<Instrumented["memory"]>;
  const own = {
    [CELL_IMPORT]: newCell(),
    [MEMORY_IMPORT]: new WebAssembly.Memory({ initial: minPages, maximum: maxPages }),
  };
  const hash = (module: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), imports);
    const { buffer, sha256, memory } = exports as unknown as {
      buffer(): number;
      sha256(length: number): void;
      memory: WebAssembly.Memory;
    };
    return (): string => {
      sha256(MIB - 1000);
      return Buffer.from(memory.buffer, buffer(), 32).toString("hex");
    };
  };
  return {
    name: "SHA-256 of a MiB, in C",
    plain: hash(bytes, {}),
    instrumented: hash(guest.bytes, { [PRIVATE_MODULE]: own }),
  };
}

async function quickJsPairs(): Promise<Pair[]> {
  const bytes = await read(QUICKJS);
  const guest = instrument(bytes);
  const plain = await quickJsContext((imports) => {
    const module = new WebAssembly.Module(bytes);
    return { module, instance: new WebAssembly.Instance(module, imports) };
  });
  const instrumented = await quickJsContext((imports, memory) => {
    const module = new WebAssembly.Module(guest.bytes);
    const own = { [CELL_IMPORT]: newCell(), [MEMORY_IMPORT]: memory };
    const instance = new WebAssembly.Instance(module, { ...imports, [PRIVATE_MODULE]: own });
    if (guest.start !== undefined) (instance.exports[guest.start] as () => void)();
    return { module, instance };
  });
  return Object.entries(SCRIPTS).map(([name, script]) => {
    const evaluate = (context: typeof plain) => (): unknown =>
      context
        .unwrapResult(context.evalCode(`{${script}}`))
        .consume((handle) => context.dump(handle));
    return {
      name: `QuickJS: ${name}`,
      plain: evaluate(plain),
      instrumented: evaluate(instrumented),
    };
  });
}
