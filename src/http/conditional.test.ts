import { describe, expect, test } from "bun:test";
import { evaluate, rangeApplies } from "./conditional.ts";
import type { Preconditions } from "./conditional.ts";

const lastModified = Date.UTC(2026, 0, 2, 3, 4, 5);
const same = "Fri, 02 Jan 2026 03:04:05 GMT";
const before = "Fri, 02 Jan 2026 03:04:04 GMT";
const after = "Fri, 02 Jan 2026 03:04:06 GMT";

type Outcome = ReturnType<typeof evaluate>;
type Row = [string, Preconditions, get: Outcome, put: Outcome];

const rows: Row[] = [
  ["nothing", {}, "proceed", "proceed"],
  // 13.1.1
  ["If-Match hit", { ifMatch: '"a"' }, "proceed", "proceed"],
  ["If-Match in a list", { ifMatch: '"x", "a"' }, "proceed", "proceed"],
  ["If-Match any", { ifMatch: "*" }, "proceed", "proceed"],
  ["If-Match miss", { ifMatch: '"b"' }, "failed", "failed"],
  ["If-Match is strong", { ifMatch: 'W/"a"' }, "failed", "failed"],
  ["If-Match malformed", { ifMatch: "a" }, "failed", "failed"],
  // 13.1.4
  ["If-Unmodified-Since same", { ifUnmodifiedSince: same }, "proceed", "proceed"],
  ["If-Unmodified-Since later", { ifUnmodifiedSince: after }, "proceed", "proceed"],
  ["If-Unmodified-Since earlier", { ifUnmodifiedSince: before }, "failed", "failed"],
  ["If-Unmodified-Since no date", { ifUnmodifiedSince: "soon" }, "proceed", "proceed"],
  [
    "If-Match rules If-Unmodified-Since",
    { ifMatch: '"a"', ifUnmodifiedSince: before },
    "proceed",
    "proceed",
  ],
  // 13.1.2
  ["If-None-Match hit", { ifNoneMatch: '"a"' }, "not_modified", "failed"],
  ["If-None-Match is weak", { ifNoneMatch: 'W/"a"' }, "not_modified", "failed"],
  ["If-None-Match in a list", { ifNoneMatch: '"x", W/"a"' }, "not_modified", "failed"],
  ["If-None-Match any", { ifNoneMatch: "*" }, "not_modified", "failed"],
  ["If-None-Match miss", { ifNoneMatch: '"b"' }, "proceed", "proceed"],
  // 13.1.3
  ["If-Modified-Since same", { ifModifiedSince: same }, "not_modified", "proceed"],
  ["If-Modified-Since later", { ifModifiedSince: after }, "not_modified", "proceed"],
  ["If-Modified-Since earlier", { ifModifiedSince: before }, "proceed", "proceed"],
  ["If-Modified-Since no date", { ifModifiedSince: "1" }, "proceed", "proceed"],
  ["If-Modified-Since twice", { ifModifiedSince: `${same}, ${same}` }, "proceed", "proceed"],
  [
    "If-None-Match rules If-Modified-Since",
    { ifNoneMatch: '"b"', ifModifiedSince: same },
    "proceed",
    "proceed",
  ],
  ["both hit", { ifNoneMatch: '"a"', ifModifiedSince: before }, "not_modified", "failed"],
  // the order of 13.2.2
  ["If-Match before If-None-Match", { ifMatch: '"b"', ifNoneMatch: '"a"' }, "failed", "failed"],
  [
    "If-Match passes, If-None-Match hits",
    { ifMatch: '"a"', ifNoneMatch: '"a"' },
    "not_modified",
    "failed",
  ],
  [
    "If-Unmodified-Since before If-Modified-Since",
    { ifUnmodifiedSince: before, ifModifiedSince: same },
    "failed",
    "failed",
  ],
  [
    "both dates the same",
    { ifUnmodifiedSince: same, ifModifiedSince: same },
    "not_modified",
    "proceed",
  ],
];

describe("preconditions", () => {
  test.each(rows)("%s", (_, conditions, get, put) => {
    const validators = { etag: '"a"', lastModified };
    expect(evaluate("GET", conditions, validators)).toBe(get);
    expect(evaluate("HEAD", conditions, validators)).toBe(get);
    expect(evaluate("PUT", conditions, validators)).toBe(put);
  });

  test("a weak tag of our own never passes If-Match but does If-None-Match", () => {
    const validators = { etag: 'W/"a"', lastModified };
    expect(evaluate("GET", { ifMatch: 'W/"a"' }, validators)).toBe("failed");
    expect(evaluate("GET", { ifNoneMatch: '"a"' }, validators)).toBe("not_modified");
  });

  test("without validators only the wildcard says anything", () => {
    const none = { etag: undefined, lastModified: undefined };
    expect(evaluate("GET", { ifMatch: "*" }, none)).toBe("proceed");
    expect(evaluate("GET", { ifMatch: '"a"' }, none)).toBe("failed");
    expect(evaluate("GET", { ifNoneMatch: '""' }, none)).toBe("proceed");
    expect(evaluate("GET", { ifModifiedSince: same, ifUnmodifiedSince: same }, none)).toBe(
      "proceed",
    );
  });
});

describe("If-Range", () => {
  const validators = { etag: '"a"', lastModified };
  const now = lastModified + 60_000;
  test.each([
    [undefined, true],
    ['"a"', true],
    ['"b"', false],
    ['W/"a"', false],
    ["*", false],
    ["a", false],
    [same, true],
    [before, false],
    [after, false],
    ['"a", "b"', false],
    ["", false],
  ])("%p → %p", (field, applies) => {
    expect(rangeApplies(field, validators, now)).toBe(applies);
  });
  test("a date of this very second is not strong", () => {
    expect(rangeApplies(same, validators, lastModified + 999)).toBe(false);
  });
  test("a weak tag never applies", () => {
    expect(rangeApplies('W/"a"', { etag: 'W/"a"', lastModified }, now)).toBe(false);
  });
});
