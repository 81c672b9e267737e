import { expect, test } from "bun:test";
import { problems } from "../../../wire/http1/head-problem.ts";
import { defaultLimits } from "../../limits.ts";
import { RequestContent } from "./request-content.ts";

const content = (limits = defaultLimits) =>
  new RequestContent({ bodyWanted() {}, bodyUsed() {} }, limits, undefined);

test("a client that sends nothing is too slow, unless it may pause", () => {
  for (const mayPause of [false, true]) {
    const body = content();
    if (mayPause) body.mayPause();
    const verdicts = Array.from({ length: 100 }, () => body.tooSlow(1_000));
    expect(verdicts.includes(true)).toBe(!mayPause);
  }
});

test("content beyond the limit is refused to whoever reads it", () => {
  const body = content({ ...defaultLimits, bodyBytes: 4 });
  body.feed(new Uint8Array(5));
  expect(() => body.pull()).toThrow(problems.body_too_large.detail);
});
