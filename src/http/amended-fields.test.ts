import { expect, test } from "bun:test";
import { seededRandom } from "../../test/support/random.ts";
import { defaultLimits } from "../server/limits.ts";
import { isProblem, parseRequestHead } from "../wire/http1/request-head.ts";
import { withField } from "./amended-fields.ts";
import { FieldNames } from "./field-names.ts";
import { HeaderList } from "./header-list.ts";
import { FieldVerdict } from "./received-fields.ts";

const LINES = [
  "X-Id: a",
  "x_id: b",
  "x-ID:c",
  "Accept: */*",
  "Connection: x-id, close",
  "X-Idle: d",
];

function received(lines: readonly string[]) {
  const text = `GET / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
  const head = parseRequestHead(new TextEncoder().encode(text), 0, defaultLimits);
  if (head === undefined || isProblem(head)) throw new Error("refused");
  return head.fields;
}

test("a field of ours stands in place of all that are named like it, whether they were taken apart or not", () => {
  const names = new FieldNames(["X-Id"]);
  const random = seededRandom(7);
  for (let round = 0; round < 500; round++) {
    const fields = received(Array.from({ length: random.below(6) }, () => random.pick(LINES)));
    const apart = withField(new HeaderList(fields.flat()), names, "X-Id", "ours");
    const list = () => withField(HeaderList.received(fields), names, "X-Id", "ours");
    for (const name of ["x-id", "x_id", "accept", "connection", "x-idle", "host", "none"]) {
      expect([round, name, list().getAll(name)]).toEqual([round, name, apart.getAll(name)]);
    }
    const lines = list().received?.keep(() => FieldVerdict.Keep) as string;
    expect(lines.match(/^x.id:.*$/gim)).toEqual(["X-Id: ours"]);
    expect(list().flat).toEqual(apart.flat);
  }
});

test("it is judged as what was received is", () => {
  const names = new FieldNames(["X-Id"]);
  const { received: amended } = withField(HeaderList.received(received(LINES)), names, "X-Id", "1");
  const judged = (verdict: FieldVerdict) =>
    amended?.keep((text, at, length) =>
      text.slice(at, at + length) === "X-Id" ? verdict : FieldVerdict.Keep,
    );
  expect(judged(FieldVerdict.Keep)).toContain("X-Id: 1\r\n");
  expect(judged(FieldVerdict.Omit)).not.toContain("X-Id:");
  expect(judged(FieldVerdict.GiveUp)).toBeUndefined();
});
