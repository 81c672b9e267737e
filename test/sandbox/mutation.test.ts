import { describe, expect, test } from "bun:test";
import { InvalidModule } from "../../src/sandbox/module/invalid-module.ts";
import type { Instrumented } from "../../src/sandbox/module/instrument.ts";
import { instrument } from "../../src/sandbox/module/instrument.ts";
import { defaultModuleLimits } from "../../src/sandbox/module/limits.ts";
import type { FunctionType } from "../../src/sandbox/module/module-info.ts";
import {
  BUDGET_EXPORT,
  CELL_IMPORT,
  MEMORY_IMPORT,
  PRIVATE_MODULE,
} from "../../src/sandbox/module/private-names.ts";
import { seededRandom } from "../support/random.ts";
import { endlessGuests } from "./guests/endless.ts";
import { everything } from "./guests/everything.ts";
import { mutate } from "./guests/mutate.ts";
import { wat } from "./guests/wat.ts";

const MUTANTS = 100_000;
const ROUNDS = 10;
const BUDGET = 200_000n;

const limits = { ...defaultModuleLimits, maxMemoryPages: 32, maxTableElements: 20_000 };
const guests = endlessGuests.map(({ text }) => wat(text)).filter(({ length }) => length < 2000);
// The module with something of everything is taken as often as all others together.
const sources = [...guests, ...guests.map(() => wat(everything))];

const cell = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
/** A memory reserves much address space, so those with equal bounds are one. */
const memories = new Map<string, WebAssembly.Memory>();

function memoryOf({ memory }: Instrumented): WebAssembly.Memory | undefined {
  if (memory === undefined) return undefined;
  const key = `${memory.minPages} ${memory.maxPages}`;
  const known = memories.get(key);
  if (known !== undefined) return known;
  const made = new WebAssembly.Memory({ initial: memory.minPages, maximum: memory.maxPages });
  memories.set(key, made);
  return made;
}

const ZERO = { i64: 0n, funcref: null, externref: null } as const;
const zeros = (types: FunctionType["params"]): unknown[] =>
  types.map((type) => (type in ZERO ? ZERO[type as keyof typeof ZERO] : 0));

function hostOf({ imports }: Instrumented): WebAssembly.Imports {
  const host: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module, name, type } of imports) {
    const results = zeros(type?.results ?? []);
    (host[module] ??= {})[name] = () => (results.length === 1 ? results[0] : results);
  }
  return host;
}

/** Calls everything it exports. @returns how many calls came back, by value or by error */
function exercise(guest: Instrumented): number {
  const memory = memoryOf(guest);
  const own = { [CELL_IMPORT]: cell, ...(memory && { [MEMORY_IMPORT]: memory }) };
  let exports: Record<string, unknown>;
  try {
    const module = new WebAssembly.Module(guest.bytes);
    exports = new WebAssembly.Instance(module, { ...hostOf(guest), [PRIVATE_MODULE]: own }).exports;
  } catch (error) {
    // A segment beyond its table or memory, or a name of an import that is of two types.
    expect(error).toBeInstanceOf(Error);
    return 0;
  }
  let calls = 0;
  const call = (name: string, type: FunctionType | undefined): void => {
    (exports[BUDGET_EXPORT] as WebAssembly.Global).value = BUDGET;
    try {
      (exports[name] as (...args: unknown[]) => unknown)(...zeros(type?.params ?? []));
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
    calls++;
  };
  if (guest.start !== undefined) call(guest.start, undefined);
  for (const { name, kind, type } of guest.exports) if (kind === "function") call(name, type);
  return calls;
}

describe(`${MUTANTS} mutated modules are refused or bounded`, () => {
  for (let round = 0; round < ROUNDS; round++) {
    test(`seed ${round}`, () => {
      const random = seededRandom(round);
      const counts = { refused: 0, invalid: 0, ran: 0, calls: 0 };
      for (let i = 0; i < MUTANTS / ROUNDS; i++) {
        const bytes = mutate(random.pick(sources), random);
        let guest: Instrumented;
        try {
          guest = instrument(bytes, limits);
        } catch (error) {
          if (!(error instanceof InvalidModule)) throw error;
          counts.refused++;
          continue;
        }
        // What the loader makes is valid just when what it was made of was: so nothing of it can be named.
        const valid = WebAssembly.validate(guest.bytes);
        if (valid !== WebAssembly.validate(bytes))
          throw new Error(
            `seed ${round}, mutant ${i}: instrumented ${valid ? "" : "in"}valid only`,
          );
        if (!valid) counts.invalid++;
        else {
          counts.ran++;
          counts.calls += exercise(guest);
        }
      }
      expect(counts.refused).toBeGreaterThan(100);
      expect(counts.invalid).toBeGreaterThan(100);
      expect(counts.ran).toBeGreaterThan(100);
      expect(counts.calls).toBeGreaterThan(100);
    }, 60_000);
  }
});
