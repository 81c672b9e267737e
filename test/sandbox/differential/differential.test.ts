import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { runGuest } from "../guests/run-guest.ts";
import { compileC } from "../guests/toolchain.ts";
import { packages } from "./packages.ts";
import type { Instantiate } from "./run-program.ts";
import { runAssemblyScript, runWasi } from "./run-program.ts";

const guests = join(import.meta.dirname, "../guests");

const plain: Instantiate = (bytes, imports) => {
  const importsOfAll = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  expect(importsOfAll.every(({ kind }) => kind === "function")).toBe(true);
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
};

const instrumented: Instantiate = (bytes, imports) => {
  const guest = runGuest(bytes, imports);
  if (guest.instrumented.start !== undefined) guest.call(guest.instrumented.start);
  return guest.instance.exports;
};

describe("programs in C", () => {
  const programs = ["bytes", "calls", "heap", "integers", "interpreter", "numbers", "words"];
  const modern = "-O3 -mbulk-memory -msimd128 -msign-ext -mnontrapping-fptoint -mmutable-globals";
  for (const program of programs)
    for (const flags of ["-O0", modern])
      test(`${program} ${flags.slice(0, 3)}`, () => {
        const bytes = compileC(join(guests, "c", `${program}.c`), flags.split(" "));
        const expected = runWasi(bytes, plain);
        expect(expected).toMatch(/^[^]{8,}exit 0$/);
        expect(runWasi(bytes, instrumented)).toBe(expected);
      });
});

/** Compiles AssemblyScript in this process: the compiler takes long to load. */
async function compileAssembly(file: string, flags: readonly string[]): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const args = [file, "--outFile", "out.wasm", "--baseDir", guests, ...flags];
  const { error, stderr } = await asc.main(args, {
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") bytes = contents;
    },
  });
  if (error !== null || bytes === undefined) throw new Error(stderr.toString());
  return bytes;
}

describe("programs in AssemblyScript", () => {
  const programs = {
    sort: ["--runtime", "incremental", "-O1"],
    tree: ["--runtime", "minimal", "-O3"],
    vectors: ["--runtime", "stub", "--enable", "simd", "-O2"],
  };
  for (const [program, flags] of Object.entries(programs))
    test(program, async () => {
      const bytes = new Uint8Array(await compileAssembly(`assembly/${program}.ts`, flags));
      const expected = runAssemblyScript(bytes, plain);
      expect(expected.length).toBeGreaterThan(20);
      expect(runAssemblyScript(bytes, instrumented)).toBe(expected);
    });
});

describe("packages from npm", async () => {
  type Answers = Record<string, { answer?: unknown; error?: string; modules: number }>;
  const answersOf = async (...args: string[]): Promise<Answers> => {
    const program = join(import.meta.dirname, "run-packages.ts");
    const child = Bun.spawn([process.execPath, program, ...args], { stderr: "inherit" });
    return JSON.parse(await new Response(child.stdout).text()) as Answers;
  };
  const answers = Promise.all([answersOf(), answersOf("--instrumented")]);
  for (const name of Object.keys(packages))
    test(name, async () => {
      const [expected, found] = await answers;
      expect(expected[name]).toEqual({ answer: expect.anything(), modules: 0 });
      expect(found[name]?.modules).toBeGreaterThan(0);
      expect(found[name]?.answer).toEqual(expected[name]?.answer);
    });
});
