import { expect, test } from "bun:test";
import { preferredType } from "./accept.ts";

const offers = ["text/html", "application/json"] as const;

test.each([
  [undefined, "text/html"],
  ["", "text/html"],
  ["*/*", "text/html"],
  ["application/json", "application/json"],
  ["APPLICATION/JSON", "application/json"],
  ["text/html;q=0.5, application/json", "application/json"],
  ["text/*, application/json;q=0.9", "text/html"],
  ["application/*", "application/json"],
  ["*/*;q=0.1, application/json;q=0.2", "application/json"],
  ["text/html;q=0, */*", "application/json"],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"],
  ["image/png", undefined],
  ["text/html;q=0", undefined],
  [";;;,,,", undefined],
])("%p prefers %p", (field, type) => {
  expect(preferredType(field, offers)).toBe(type as undefined);
});
