import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "../lib/run-command.ts";
import { median, spread } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";
import { dialects, program } from "./programs.ts";

const root = join(import.meta.dir, "../..");
const tsc = join(root, "node_modules/.bin/tsc");

/** What one run of the compiler said of itself. */
interface Checked {
  readonly checkMs: number;
  readonly totalMs: number;
  readonly types: number;
  readonly instantiations: number;
}

/**
 * Programs of 300 routes with schemas and a client that calls each, checked by `tsc`. Target: ≤ 1.5 s of
 * checking and ≤ 600,000 instantiations.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "5" },
      routes: { type: "string", default: "300" },
      only: { type: "string", default: Object.keys(dialects).join() },
    },
  });
  const names = values.only.split(",") as (keyof typeof dialects)[];
  const folder = mkdtempSync(join(tmpdir(), "sluice-types-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    await emitDeclarations(join(folder, "sluice"));
    const cases = names.flatMap((name) =>
      [false, true].map((chained) => {
        const shape = chained ? "one chain" : "ten modules";
        const path = join(folder, `${name}-${chained}`);
        write(path, program(name, Number(values.routes), chained));
        return { name, shape, path, results: [] as Checked[] };
      }),
    );
    for (let round = 0; round < Number(values.rounds); round++) {
      for (let turn = 0; turn < cases.length; turn++) {
        const one = cases[(turn + round) % cases.length]!;
        one.results.push(await check(one.path));
      }
    }
    const rows = cases.map(({ name, shape, results }) => {
      const of = (key: keyof Checked) => results.map((result) => result[key]);
      return [
        `${name}, ${shape}`,
        (median(of("checkMs")) / 1000).toFixed(2),
        (Math.min(...of("checkMs")) / 1000).toFixed(2),
        `${(spread(of("checkMs")) * 100).toFixed(0)} %`,
        (median(of("totalMs")) / 1000).toFixed(2),
        median(of("types")).toLocaleString("en"),
        median(of("instantiations")).toLocaleString("en"),
      ];
    });
    const head = ["program", "check s", "least", "spread", "total s", "types", "instantiations"];
    console.log(table(head, rows));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a program that depends on the package sees of it. */
async function emitDeclarations(out: string): Promise<void> {
  const project = ["-p", join(root, "tsconfig.build.json")];
  await runCommand([tsc, ...project, "--emitDeclarationOnly", "--outDir", out], 120_000);
}

function write(path: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  const compilerOptions = {
    target: "ES2023",
    lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    paths: { sluice: ["../sluice/index.d.ts"], "sluice/client": ["../sluice/client/index.d.ts"] },
  };
  writeFileSync(
    join(path, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["*.ts"] }),
  );
}

/** @throws when the program has errors: their cost is another */
async function check(path: string): Promise<Checked> {
  // One thread: several would count their instantiations twice.
  const text = await runCommand(
    [tsc, "-p", path, "--extendedDiagnostics", "--singleThreaded"],
    300_000,
  );
  const figure = (label: string): number => {
    const match = new RegExp(`^${label}:\\s+([\\d.]+)`, "m").exec(text);
    if (match === null) throw new Error(`tsc tells nothing of ${label}:\n${text}`);
    return Number(match[1]);
  };
  return {
    checkMs: figure("Check time") * 1000,
    totalMs: figure("Total time") * 1000,
    types: figure("Types"),
    instantiations: figure("Instantiations"),
  };
}
