import { expect, test } from "bun:test";
import { renderDiagnostic, renderDiagnostics } from "./render.ts";
import { SourceFile } from "./source-file.ts";

const file = new SourceFile("a.toml", "/a.toml", "one = 1\n\ttwo = [\n  2,\n]\n");
const at = (text: string) => {
  const start = file.text.indexOf(text);
  return { file, start, end: start + text.length };
};
const error = { severity: "error", message: "is wrong", help: undefined } as const;

test("the caret stands under the piece, as long as it is on its first line", () => {
  expect(renderDiagnostic({ ...error, at: at("1") })).toBe(
    "a.toml:1:7: error: is wrong\n 1 | one = 1\n   |       ^\n",
  );
  expect(renderDiagnostic({ ...error, help: "help: do it", at: at("[\n  2,\n]") })).toBe(
    "a.toml:2:8: error: is wrong\n 2 |  two = [\n   |        ^\n   = help: do it\n",
  );
});

test("of a long line, the part around the caret", () => {
  const show = (long: string, start: number, end: number) => {
    const source = new SourceFile("b.toml", "/b.toml", `first\n${long}\nlast`);
    const rendered = renderDiagnostic({ ...error, at: { file: source, start, end } });
    const [head, code, carets] = rendered.split("\n") as [string, string, string];
    return { head, code: code.slice(5), carets: carets.slice(5) };
  };
  const middle = show(`${"a".repeat(1_000)}HERE${"b".repeat(1_000)}`, 1_006, 1_010);
  expect(middle.head).toStartWith("b.toml:2:1001:");
  expect(middle.code).toBe(`…${"a".repeat(30)}HERE${"b".repeat(86)}…`);
  expect(middle.carets).toBe(`${" ".repeat(31)}^^^^`);
  const start = show(`HERE${"b".repeat(1_000)}`, 6, 10);
  expect(start).toMatchObject({ code: `HERE${"b".repeat(116)}…`, carets: "^^^^" });
  const end = show(`${"a".repeat(1_000)}HERE`, 1_006, 1_010);
  expect(end).toMatchObject({ code: `…${"a".repeat(116)}HERE`, carets: `${" ".repeat(117)}^^^^` });
  const behind = show("a".repeat(1_000), 1_006, 1_007);
  expect(behind.carets).toBe(`${" ".repeat(121)}^`);
  const whole = show("a".repeat(1_000), 6, 1_006);
  expect(whole).toMatchObject({ code: `${"a".repeat(120)}…`, carets: "^".repeat(120) });
  // Characters of two halves are never cut apart.
  const pairs = show(`${"\u{1F600}".repeat(500)}HERE`, 1_006, 1_010);
  expect(pairs.code.isWellFormed()).toBe(true);
  expect(pairs.head).toStartWith("b.toml:2:501:");
});

test("control characters of a file do not reach the terminal", () => {
  const source = new SourceFile("b.toml", "/b.toml", "a\u001b[2J\u0000b");
  expect(renderDiagnostic({ ...error, at: { file: source, start: 0, end: 1 } })).toContain(
    "a\uFFFD[2J\uFFFDb",
  );
});

test("without a place in a file, the name of what it is about", () => {
  expect(renderDiagnostic({ ...error, at: { name: "--port" } })).toBe("--port: error: is wrong\n");
  expect(renderDiagnostic({ ...error, at: undefined })).toBe("error: is wrong\n");
});

test("colours on request only", () => {
  const diagnostic = { ...error, at: at("1") };
  const escape = "\u001b";
  expect(renderDiagnostic(diagnostic)).not.toContain(escape);
  const colored = renderDiagnostic(diagnostic, { color: true });
  expect(colored).toContain(`${escape}[31merror:${escape}[0m`);
  expect(colored.replaceAll(new RegExp(`${escape}\\[\\d+m`, "g"), "")).toBe(
    renderDiagnostic(diagnostic),
  );
});

test("all of them, counted", () => {
  const warning = { ...error, severity: "warning", at: { name: "x" } } as const;
  expect(renderDiagnostics([])).toBe("");
  expect(renderDiagnostics([warning])).toEndWith("\n1 warning\n");
  expect(renderDiagnostics([warning, { ...error, at: undefined }, warning])).toEndWith(
    "\n1 error, 2 warnings\n",
  );
});

test("a hundred are shown, errors before warnings, and all are counted", () => {
  const warning = { ...error, severity: "warning", at: { name: "x" } } as const;
  const one = { ...error, at: { name: "y" } };
  const many = renderDiagnostics([...Array(90).fill(warning), ...Array(150).fill(one)]);
  expect(many.match(/^y: error/gm)?.length).toBe(100);
  expect(many).toEndWith("\n… and 140 more\n\n150 errors, 90 warnings\n");
  expect(renderDiagnostics(Array(100).fill(one))).not.toContain("more");
});
