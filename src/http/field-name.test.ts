import { expect, test } from "bun:test";
import { isField } from "./field-name.ts";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/;
const NAMES = ["te", "date", "host", "connection", "content-length", "sec-websocket-key1"];

test("a name is the same in every case", () => {
  for (const lower of NAMES) {
    expect(isField(lower, lower)).toBe(true);
    expect(isField(lower.toUpperCase(), lower)).toBe(true);
    expect(isField((lower[0] as string).toUpperCase() + lower.slice(1), lower)).toBe(true);
  }
});

test("no other token is taken for a name, whatever stands at one place of it", () => {
  for (const lower of NAMES) {
    for (let at = 0; at < lower.length; at++) {
      for (let code = 0; code < 256; code++) {
        const character = String.fromCharCode(code);
        if (!TOKEN.test(character)) continue;
        const name = lower.slice(0, at) + character + lower.slice(at + 1);
        expect(isField(name, lower)).toBe(name.toLowerCase() === lower);
      }
    }
    expect(isField(`${lower}s`, lower)).toBe(false);
    expect(isField(lower.slice(1), lower)).toBe(false);
  }
});
