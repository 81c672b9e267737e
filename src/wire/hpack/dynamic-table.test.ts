import { expect, test } from "bun:test";
import { DynamicTable } from "./dynamic-table.ts";

const field = (name: string, bytes = 0) => ({ name, value: "v".repeat(bytes), valid: true });
const names = (table: DynamicTable): string[] => {
  const found: string[] = [];
  for (let i = 0; ; i++) {
    const one = table.get(i);
    if (one === undefined) return found;
    found.push(one.name);
  }
};

test("the newest is first, and the oldest make room (RFC 7541 2.3.2, 4.4)", () => {
  // Each is 33 bytes (RFC 7541 4.1).
  const table = new DynamicTable(99);
  for (const name of ["a", "b", "c", "d"]) table.add(field(name));
  expect(names(table)).toEqual(["d", "c", "b"]);
});

test("a field larger than the table empties it", () => {
  const table = new DynamicTable(100);
  table.add(field("a"));
  table.add(field("b", 200));
  expect(names(table)).toEqual([]);
  table.add(field("c"));
  expect(names(table)).toEqual(["c"]);
});

test("a smaller limit drops the oldest, and nothing comes back with a larger one (RFC 7541 4.3)", () => {
  const table = new DynamicTable(200);
  for (const name of ["a", "b", "c"]) table.add(field(name));
  table.resize(40);
  expect(names(table)).toEqual(["c"]);
  table.resize(0);
  expect(names(table)).toEqual([]);
  table.resize(200);
  table.add(field("d"));
  expect(names(table)).toEqual(["d"]);
});

test("what was dropped is not held in memory", async () => {
  const table = new DynamicTable(100);
  const dropped = ((): WeakRef<object>[] =>
    Array.from({ length: 30 }, (_, i) => {
      const one = field(`f${i}`, 1_000);
      table.add(one);
      return new WeakRef(one);
    }))();
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    Bun.gc(true);
  }
  expect(dropped.filter((one) => one.deref() !== undefined).length).toBeLessThan(5);
  expect(table.get(0)).toBeUndefined();
});
