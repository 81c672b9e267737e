// "bun:test" for Node, as far as the portable suites use it.
import { expect } from "expect";
import { describe, test as nodeTest } from "node:test";

function test(name, run, limit) {
  nodeTest(name, limit === undefined ? {} : { timeout: limit }, () => run());
}

test.each = (rows) => (name, run) => {
  for (const row of rows) {
    const values = Array.isArray(row) ? row : [row];
    nodeTest(`${name} ${values.map(String).join(" ").slice(0, 80)}`, () => run(...values));
  }
};

// Of Bun's own, by the name that jest gives it.
expect.extend({
  toStartWith: (text, start) => ({
    pass: text.startsWith(start),
    message: () => `${text} does not start with ${start}`,
  }),
});

export { describe, expect, test };
