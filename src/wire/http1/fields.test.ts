import { describe, expect, test } from "bun:test";
import { seededRandom } from "../../../test/support/random.ts";
import { HeaderList } from "../../http/header-list.ts";
import { lengthBit } from "../../http/received-fields.ts";
import { fieldLines, hasDate } from "./fields.ts";

const NAMES = ["A", "B", "Long-Name", "Date", "Content-Length", "Connection", "x-a", "X-B"];
const FRAMING = new Set(["content-length", "connection"]);

/** The lines of a list, plainly. */
function plain({ flat, frozen }: HeaderList): string {
  let text = "";
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    if (FRAMING.has(name) || (frozen && name === "date")) continue;
    text += `${flat[i]}: ${flat[i + 1]}\r\n`;
  }
  return text;
}

describe("field lines", () => {
  test("are those of the list, whatever was done to it and to the constant lists in it", () => {
    let kept = 0;
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = seededRandom(seed);
      const name = (): string => random.pick(NAMES);
      const field = (): [string, string] => [name(), String(random.below(1_000))];
      const constants = [0, 1].map(() => {
        const fields = Array.from({ length: random.below(5) }, field).filter(([n]) => n !== "Date");
        return HeaderList.from(fields).freeze();
      });
      const lists = [new HeaderList(), new HeaderList()];
      for (let step = 0; step < 12; step++) {
        const list = random.pick(lists);
        const other = lists[list === lists[0] ? 1 : 0] as HeaderList;
        switch (random.below(7)) {
          case 0:
            list.append(...field());
            break;
          case 1:
            list.set(...field());
            break;
          case 2:
            list.delete(name());
            break;
          case 3:
            list.replaceValues(name(), (value) => `${value}!`);
            break;
          case 4:
            if (list.size < 40) list.merge(other, new Set(["x-a"]));
            break;
          default:
            list.merge(random.pick(constants), new Set());
        }
        if (list.constant !== undefined && list.constant.size > 0) kept++;
        expect([seed, step, fieldLines(list)]).toEqual([seed, step, plain(list)]);
        expect(hasDate(list)).toBe(list.has("date"));
      }
    }
    // Else nothing of it would be about constant lists.
    expect(kept).toBeGreaterThan(2_000);
  });

  test("nobody has looked into are those of the same list taken apart, whatever was done to both", () => {
    let unlooked = 0;
    for (let seed = 1; seed <= 3_000; seed++) {
      const random = seededRandom(seed);
      const field = (): [string, string] => [random.pick(NAMES), String(random.below(1_000))];
      const fields = Array.from({ length: random.below(4) }, field).filter(
        ([name]) => !FRAMING.has(name.toLowerCase()),
      );
      const apart = HeaderList.from(fields);
      const lengths = fields.reduce((bits, [name]) => bits | lengthBit(name.length), 0);
      const lazy = HeaderList.ofLines(fieldLines(apart), lengths, apart.has("date"));
      for (let step = 0; step < 5; step++) {
        const [name, value] = field();
        const more = HeaderList.from(Array.from({ length: random.below(3) }, field));
        if (random.below(2) === 0) more.freeze();
        const change = [
          (list: HeaderList) => list.append(name, value),
          (list: HeaderList) => list.set(name, value),
          (list: HeaderList) => list.delete(name),
          (list: HeaderList) => list.merge(more, new Set(["x-a"])),
          (list: HeaderList) => list.replaceValues(name, (one) => `${one}!`),
        ][random.below(5)] as (list: HeaderList) => void;
        for (const list of [apart, lazy]) change(list);
        if (lazy.encoded !== undefined) unlooked++;
        const told = (list: HeaderList) => [fieldLines(list), hasDate(list)];
        expect([seed, step, ...told(lazy)]).toEqual([seed, step, ...told(apart)]);
      }
      for (const name of NAMES) {
        expect([
          name,
          lazy.getAll(name),
          lazy.get(name),
          lazy.has(name),
          lazy.joined(name),
        ]).toEqual([
          name,
          apart.getAll(name),
          apart.get(name),
          apart.has(name),
          apart.joined(name),
        ]);
      }
      expect([...lazy]).toEqual([...apart]);
    }
    expect(unlooked).toBeGreaterThan(3_000);
  });

  test("of a frozen list have no date", () => {
    const list = HeaderList.from({ Date: "today", A: "1" }).freeze();
    expect(fieldLines(list)).toBe("A: 1\r\n");
    expect(hasDate(list)).toBe(false);
  });

  test("of a list with a dated constant one have one date", () => {
    const list = HeaderList.from({ A: "1" });
    list.merge(HeaderList.from({ Date: "today" }).freeze(), new Set());
    expect(fieldLines(list) + (hasDate(list) ? "" : "Date: now\r\n")).toMatch(
      /^A: 1\r\nDate: \w+\r\n$/,
    );
  });
});
