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
