import { expect, test } from "bun:test";
import { until } from "../../test/lifecycle/harness.ts";
import { FaultLines } from "./fault-lines.ts";

test("the first of a kind is told, the others are counted until there are none", async () => {
  const lines = new FaultLines(20);
  const told: (string | number)[] = [];
  const add = (kind: string): void => lines.add(kind, (more) => told.push(more ?? kind));
  for (let i = 0; i < 100; i++) add("refused");
  add("reset");
  expect(told).toEqual(["refused", "reset"]);
  await until(() => told.length === 3);
  expect(told[2]).toBe(99);
  // Once it was quiet, the next one is a first one again.
  let firsts = 1;
  await until(async () => {
    await Bun.sleep(50);
    add("reset");
    firsts = told.filter((one) => one === "reset").length;
    return firsts > 1;
  });
  lines.close();
});

test("closed, it tells nothing more", async () => {
  const lines = new FaultLines(5);
  const told: unknown[] = [];
  for (let i = 0; i < 3; i++) lines.add("a", (more) => told.push(more));
  lines.close();
  await Bun.sleep(30);
  expect(told).toEqual([undefined]);
});
