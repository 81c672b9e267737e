import { afterAll, describe, expect, test } from "bun:test";
import { instrument } from "../../src/sandbox/module/instrument.ts";
import { catchesEverything, endlessGuests } from "./guests/endless.ts";
import { runGuest } from "./guests/run-guest.ts";
import { startStopper } from "./guests/stopper.ts";
import { wat } from "./guests/wat.ts";

const stopper = startStopper();
afterAll(() => stopper.end());

const host = { host: { call: () => {} } };

describe("stopped from another thread", () => {
  for (const guest of endlessGuests) {
    test(guest.name, async () => {
      const running = runGuest(wat(guest.text), host);
      await stopper.stopLater(running.cell, 20);
      const call = (): unknown => running.call(running.instrumented.start ?? "run");
      // The shape that recurses without end overflows the stack first, each time.
      if (guest.mayTrap) expect(call).toThrow();
      else {
        expect(call).toThrow(WebAssembly.RuntimeError);
        expect(running.cell[0]).toBe(-1);
      }
      await stopper.done();
    });
  }
});

describe("stopped when the budget is spent", () => {
  for (const guest of endlessGuests.filter((each) => !each.mayTrap)) {
    test(guest.name, () => {
      const running = runGuest(wat(guest.text), host);
      running.setBudget(3_000_000n);
      expect(() => running.call(running.instrumented.start ?? "run")).toThrow(
        WebAssembly.RuntimeError,
      );
      expect(running.budget()).toBe(-1n);
    });
  }
});

test("what could catch a stop is refused", () => {
  expect(() => instrument(wat(catchesEverything))).toThrow(/exception handling/);
});
