import { describe, expect, test } from "bun:test";
import { decodeExtendedValue, parseParameters } from "./form-parameters.ts";
import { parsePartHead } from "./multipart-head.ts";
import { safeFilename } from "./safe-filename.ts";

const headOf = (...lines: string[]) =>
  parsePartHead(new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join("")), 1024);
const disposition = (rest: string) => headOf(`Content-Disposition: form-data; ${rest}`);

describe("names", () => {
  const rows: [rest: string, name: string, raw: string | undefined, safe: string | undefined][] = [
    ["name=a", "a", undefined, undefined],
    ['name="a b"', "a b", undefined, undefined],
    ['name="日本"', "日本", undefined, undefined],
    ['name="a%22%0D%0A%41"', 'a"\r\n%41', undefined, undefined],
    ['name="a\\"b"', 'a"b', undefined, undefined],
    ['name=""', "", undefined, undefined],
    ['name="f"; filename=""', "f", "", ""],
    ['name="f"; filename="a.txt"', "f", "a.txt", "a.txt"],
    ['name="f"; filename="C:\\dir\\a.txt"', "f", "C:\\dir\\a.txt", "a.txt"],
    ['name="f"; filename="../../a.txt"', "f", "../../a.txt", "a.txt"],
    ["name=\"f\"; filename*=UTF-8''%e2%82%ac.txt", "f", "€.txt", "€.txt"],
    ['name="f"; filename="eur.txt"; filename*=UTF-8\'\'%e2%82%ac.txt', "f", "€.txt", "€.txt"],
    ['name="f"; filename="eur.txt"; filename*=UTF-8\'\'%ff', "f", "eur.txt", "eur.txt"],
    ["name=\"f\"; filename*=iso-8859-1'en'%A3.txt", "f", "£.txt", "£.txt"],
    ["name=\"f\"; filename*=UTF-8''%2e%2e%2fetc%2fpasswd", "f", "../etc/passwd", "passwd"],
    ['name="__proto__"', "__proto__", undefined, undefined],
  ];
  test.each(rows)("%s", (rest, name, raw, safe) => {
    const head = disposition(rest);
    expect([head.name, head.rawFilename, head.filename]).toEqual([name, raw, safe]);
  });
});

test("types have the defaults of RFC 7578", () => {
  expect(disposition("name=a").type).toBe("text/plain");
  expect(disposition("name=a; filename=b").type).toBe("application/octet-stream");
  const head = headOf(
    "Content-Disposition: form-data; name=a",
    'Content-Type: Text/HTML; Charset="ISO-8859-1"',
    "X-More:  1 ",
  );
  expect([head.type, head.charset, head.headers.get("x-more")]).toEqual([
    "text/html",
    "iso-8859-1",
    "1",
  ]);
});

describe("safe file names", () => {
  const rows: [name: string, safe: string][] = [
    ["a.txt", "a.txt"],
    ["Bericht März 2026.pdf", "Bericht März 2026.pdf"],
    ["日本語.png", "日本語.png"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\boot.ini", "boot.ini"],
    ["/etc/", "file"],
    ["..", "file"],
    [".", "file"],
    ["", "file"],
    [" . . ", "file"],
    [".htaccess", "htaccess"],
    ["...a", "a"],
    ["a.php.", "a.php"],
    ["a.php ", "a.php"],
    ["a\0.php", "a.php"],
    ["a\r\nb\x7f\x85", "ab"],
    ["a\u202egpj.exe", "agpj.exe"],
    ["a\ufeff\u200bb", "ab"],
    ["a.txt::$DATA", "a.txt__$DATA"],
    ['<a>:"b|c?*', "_a___b_c__"],
    ["CON", "_CON"],
    ["con.txt", "_con.txt"],
    ["LPT1.tar.gz", "_LPT1.tar.gz"],
    ["COM¹", "_COM¹"],
    ["console.log", "console.log"],
    ["com10", "com10"],
    ["e\u0301", "é"],
    ["\ud800a", "\ufffda"],
  ];
  test.each(rows)("%p → %p", (name, safe) => {
    expect(safeFilename(name)).toBe(safe);
    expect(safeFilename(safe)).toBe(safe);
  });

  test("are never too long, and keep the extension and whole characters", () => {
    for (const stem of ["a".repeat(500), "é".repeat(500), "😀".repeat(500)]) {
      const safe = safeFilename(`${stem}.jpeg`);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200);
      expect(Buffer.byteLength(safe)).toBeGreaterThan(190);
      expect(safe).toEndWith(".jpeg");
      expect(safe.isWellFormed()).toBe(true);
    }
    expect(Buffer.byteLength(safeFilename(`a.${"x".repeat(500)}`))).toBe(200);
  });
});

describe("parameters", () => {
  const rows: [text: string, shown: string | undefined][] = [
    ["a/b", "a/b"],
    [' A/B ; X=1 ;y="2;3";', "a/b x=1 y=2;3"],
    ["a;;b=1", "a b=1"],
    ["a; b=1; B=2", undefined],
    ["a; b", undefined],
    ["a; =1", undefined],
    ["a; b=", undefined],
    ['a; b="1" junk', undefined],
    ['a; b="1', undefined],
    ['a; b="1\\', undefined],
    ["a; b = 1", undefined],
  ];
  test.each(rows)("%p", (text, shown) => {
    const parsed = parseParameters(text);
    const list = parsed && [parsed.value, ...[...parsed.parameters].map((pair) => pair.join("="))];
    expect(list?.join(" ")).toBe(shown as string);
  });

  test.each(["", "x", "UTF-8'a", "UTF-8''%zz", "UTF-8''a b", "utf-16''a", "UTF-8''%ed%a0%80"])(
    "%p is no extended value",
    (text) => {
      expect(decodeExtendedValue(text)).toBeUndefined();
    },
  );
});
