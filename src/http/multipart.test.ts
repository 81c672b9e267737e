import { describe, expect, test } from "bun:test";
import { defaultMultipartLimits } from "./multipart-limits.ts";
import { multipartBoundary, MultipartParser } from "./multipart.ts";
import { RequestProblem } from "./request-problem.ts";

const B = "XyZ";

/** What a body says, in one line a part; or the status and code it is refused with. */
function read(
  body: string | Uint8Array,
  sizes: (left: number) => number = (left) => left,
  limits: Partial<typeof defaultMultipartLimits> = {},
  boundary = B,
): string[] | string {
  const bytes = typeof body === "string" ? Buffer.from(body, "latin1") : body;
  const parser = new MultipartParser(boundary, { ...defaultMultipartLimits, ...limits });
  const seen: string[] = [];
  let content = "";
  try {
    for (let at = 0; at < bytes.length;) {
      const size = sizes(bytes.length - at);
      parser.push(bytes.subarray(at, at + size));
      at += size;
      for (let step = parser.step(); step !== "more" && step !== "end"; step = parser.step()) {
        if (step === "part") content = "";
        if (step === "data") content += Buffer.from(parser.data).toString("latin1");
        if (step === "data") expect(parser.data.length).toBeGreaterThan(0);
        const { name, filename } = parser.part;
        if (step === "part-end") {
          seen.push(`${name}${filename === undefined ? "" : `<${filename}>`}=${content}`);
        }
      }
    }
    parser.finish();
  } catch (error) {
    if (error instanceof RequestProblem) return `${error.status} ${error.code}`;
    throw error;
  }
  return seen;
}

const field = (name: string, content: string) =>
  `--${B}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`;
const END = `--${B}--\r\n`;

describe("well-formed", () => {
  const rows: [what: string, body: string, seen: string[]][] = [
    ["nothing", END, []],
    ["nothing, without a last CRLF", `--${B}--`, []],
    ["one field", field("a", "1") + END, ["a=1"]],
    ["two fields", field("a", "1") + field("b", "2") + END, ["a=1", "b=2"]],
    ["an empty field", field("a", "") + END, ["a="]],
    [
      "an empty field whose empty line is the delimiter's",
      `--${B}\r\nContent-Disposition: form-data; name=a\r\n\r\n${END}`,
      ["a="],
    ],
    [
      "a preamble and an epilogue",
      `pre\r\namble\r\n${field("a", "1")}${END}epi\r\n--${B}\r\n`,
      ["a=1"],
    ],
    ["a delimiter in a preamble's line", `x--${B}\r\n\r\n${field("a", "1")}${END}`, ["a=1"]],
    [
      "padding",
      `--${B} \t\r\nContent-Disposition:form-data;name=a\r\n\r\n1\r\n--${B}-- \r\n`,
      ["a=1"],
    ],
    ["only line ends", field("a", "\r\n\r\n\r\n") + END, ["a=\r\n\r\n\r\n"]],
    [
      "a delimiter without CRLF before it",
      field("a", `x--${B}\r\n\n--${B}`) + END,
      [`a=x--${B}\r\n\n--${B}`],
    ],
    [
      "beginnings of a delimiter",
      field("a", `\r\n--Xy\r\r\n--\r\n-`) + END,
      ["a=\r\n--Xy\r\r\n--\r\n-"],
    ],
    ["a beginning right behind the head", field("a", `--Xy`) + END, ["a=--Xy"]],
    ["hyphens", field("a", `--`) + END, ["a=--"]],
    [
      "headers in other cases, and others",
      `--${B}\r\nX-Other: 1\r\ncontent-disposition: FORM-DATA; NAME="a"\r\nContent-Type:text/plain\r\n\r\n1\r\n${END}`,
      ["a=1"],
    ],
    ["bytes", field("a", "\0\x01\xff\xfe") + END, ["a=\0\x01\xff\xfe"]],
  ];
  test.each(rows)("%s", (_, body, seen) => {
    expect(read(body)).toEqual(seen);
    // Wherever it is cut.
    for (const size of [1, 2, 3, 5, 7, 11]) {
      expect(read(body, (left) => Math.min(left, size))).toEqual(seen);
    }
    for (let cut = 1; cut < body.length; cut++) {
      expect(read(body, (left) => (left === body.length ? cut : left))).toEqual(seen);
    }
  });

  test("a whole made of pieces that look like delimiters, cut at random", () => {
    const pieces = [
      "\r",
      "\n",
      "-",
      "\r\n",
      "\r\n-",
      "\r\n--",
      "\r\n--X",
      "\r\n--Xy",
      "XyZ",
      "a",
      "--XyZ",
    ];
    let seed = 11;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 16) % below;
    };
    for (let round = 0; round < 2000; round++) {
      let content = "";
      for (let i = 0; i < 10; i++) content += pieces[random(pieces.length)];
      // What the format cannot carry.
      if (`\r\n${content}`.includes(`\r\n--${B}`)) continue;
      const body = field("a", content) + field("b", content) + END;
      const seen = read(body, (left) => Math.min(left, 1 + random(9)));
      expect(seen).toEqual([`a=${content}`, `b=${content}`]);
    }
  });

  test("every boundary of the grammar", () => {
    for (const boundary of ["x", "a b", "'()+_,-./:=?0Zz", "-".repeat(70), "a".repeat(70)]) {
      const body = `--${boundary}\r\nContent-Disposition: form-data; name=a\r\n\r\n--${"a".repeat(60)}\r\n--${boundary}--`;
      expect(multipartBoundary(`multipart/form-data; boundary="${boundary}"`)).toBe(boundary);
      if (boundary !== "-".repeat(70)) {
        expect(read(body, (left) => Math.min(left, 3), {}, boundary)).toEqual([
          `a=--${"a".repeat(60)}`,
        ]);
      }
    }
  });
});

describe("refused", () => {
  const head = (text: string) => `--${B}\r\n${text}\r\n\r\n1\r\n${END}`;
  const rows: [what: string, body: string, problem: string][] = [
    ["nothing at all", "", "400 multipart_truncated"],
    ["text", "hello", "400 multipart_truncated"],
    ["no last delimiter", field("a", "1"), "400 multipart_truncated"],
    ["half of the last delimiter", `${field("a", "1")}--${B}`, "400 multipart_truncated"],
    ["one hyphen of it", `${field("a", "1")}--${B}-`, "400 multipart_truncated"],
    ["an end in the head", `--${B}\r\nContent-Disp`, "400 multipart_truncated"],
    ["a longer boundary", `--${B}q\r\n\r\n`, "400 multipart_delimiter"],
    ["a longer boundary later", `${field("a", "1")}--${B}q`, "400 multipart_delimiter"],
    ["a delimiter with one hyphen", `--${B}-x`, "400 multipart_delimiter"],
    ["a delimiter with a lonely CR", `--${B}\rx`, "400 multipart_delimiter"],
    ["a delimiter with a lonely LF", `--${B}\nx`, "400 multipart_delimiter"],
    ["no headers", `--${B}\r\n\r\n1\r\n${END}`, "400 multipart_disposition"],
    ["no disposition", head("Content-Type: text/plain"), "400 multipart_disposition"],
    ["no name", head("Content-Disposition: form-data"), "400 multipart_disposition"],
    [
      "another disposition",
      head('Content-Disposition: attachment; name="a"'),
      "400 multipart_disposition",
    ],
    [
      "two names",
      head('Content-Disposition: form-data; name="a"; name="b"'),
      "400 multipart_disposition",
    ],
    ["an open quote", head('Content-Disposition: form-data; name="a'), "400 multipart_disposition"],
    [
      "two dispositions",
      head("Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b"),
      "400 multipart_header",
    ],
    [
      "a header without a colon",
      head("Content-Disposition: form-data; name=a\r\njunk"),
      "400 multipart_header",
    ],
    ["a header without a name", head(": x"), "400 multipart_header"],
    ["a space in a name", head("Content-Disposition : form-data; name=a"), "400 multipart_header"],
    ["a folded line", head("Content-Disposition: form-data;\r\n name=a"), "400 multipart_header"],
    ["lines that end in LF", `--${B}\r\nA: b\nC: d\r\n\r\n`, "400 multipart_header"],
    [
      "a CR in a line",
      head("Content-Disposition: form-data; name=a\rX: y"),
      "400 multipart_header",
    ],
    ["a NUL in a line", head("Content-Disposition: form-data; name=a\0"), "400 multipart_header"],
    [
      "headers that are not UTF-8",
      head('Content-Disposition: form-data; name="\xff"'),
      "400 multipart_header_not_utf8",
    ],
    [
      "33 headers",
      head(`Content-Disposition: form-data; name=a${"\r\nA: b".repeat(32)}`),
      "400 multipart_header",
    ],
    [
      "a type that is none",
      head("Content-Disposition: form-data; name=a\r\nContent-Type: text"),
      "400 multipart_header",
    ],
    [
      "base64",
      head("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64"),
      "400 multipart_transfer_encoding",
    ],
  ];
  test.each(rows)("%s", (_, body, problem) => {
    expect(read(body)).toBe(problem);
    expect(read(body, () => 1)).toBe(problem);
  });

  const file = (content: string) =>
    `--${B}\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n${content}\r\n`;
  const limited: [what: string, limits: object, fits: string, over: string, code: string][] = [
    [
      "parts",
      { parts: 2 },
      field("a", "") + file(""),
      field("a", "") + file("") + file(""),
      "multipart_too_many_parts",
    ],
    [
      "fields",
      { fields: 1 },
      field("a", "") + file(""),
      field("a", "") + field("b", ""),
      "multipart_too_many_fields",
    ],
    [
      "files",
      { files: 1 },
      file("") + field("a", ""),
      file("") + file(""),
      "multipart_too_many_files",
    ],
    [
      "a field",
      { fieldBytes: 3 },
      field("a", "123") + file("1234"),
      field("a", "1234"),
      "multipart_field_too_large",
    ],
    [
      "a file",
      { fileBytes: 3 },
      file("123") + field("a", "1234"),
      file("1234"),
      "multipart_file_too_large",
    ],
    ["a name", { nameBytes: 3 }, field("abc", ""), field("abcd", ""), "multipart_name_too_long"],
    [
      "a file name",
      { nameBytes: 3 },
      file(""),
      file("").replace("=x", "=xxxx"),
      "multipart_name_too_long",
    ],
    [
      "a head",
      { headerBytes: 44 },
      field("abc", ""),
      field("abcdef", ""),
      "multipart_headers_too_large",
    ],
    [
      "everything",
      { totalBytes: 66 },
      field("abc", ""),
      field("abc", "123456"),
      "multipart_too_large",
    ],
  ];
  test.each(limited)("more than the limit of %s", (_, limits, fits, over, code) => {
    for (const sizes of [undefined, () => 1]) {
      expect(read(fits + END, sizes, limits)).toBeArray();
      expect(read(over + END, sizes, limits)).toBe(`413 ${code}`);
    }
  });

  const types: [type: string | null, problem: string][] = [
    [null, "415 multipart_expected"],
    ["text/plain; boundary=x", "415 multipart_expected"],
    ["multipart/mixed; boundary=x", "415 multipart_expected"],
    ["multipart/form-data; boundary=a; boundary=b", "415 multipart_expected"],
    ["multipart/form-data", "400 multipart_boundary"],
    ['multipart/form-data; boundary=""', "400 multipart_boundary"],
    ['multipart/form-data; boundary="a "', "400 multipart_boundary"],
    ["multipart/form-data; boundary=a*b", "400 multipart_boundary"],
    [`multipart/form-data; boundary=${"a".repeat(71)}`, "400 multipart_boundary"],
  ];
  test.each(types)("%p as a type", (type, problem) => {
    try {
      multipartBoundary(type);
      expect.unreachable();
    } catch (error) {
      const { status, code } = error as RequestProblem;
      expect(`${status} ${code}`).toBe(problem);
    }
  });
});

test("boundaries are found as clients write them", () => {
  for (const [type, boundary] of [
    ["multipart/form-data; boundary=----WebKitFormBoundaryAbC", "----WebKitFormBoundaryAbC"],
    ['Multipart/Form-Data ;charset=utf-8; Boundary="----=_Part 1"', "----=_Part 1"],
    ["multipart/form-data; boundary=----=_Part_1/2;", "----=_Part_1/2"],
  ] as const) {
    expect(multipartBoundary(type)).toBe(boundary);
  }
});

test("content that was made to be slow is searched in linear time", () => {
  // A naive search would compare each of these bytes up to 74 times.
  const boundary = "a".repeat(70);
  const content = Buffer.alloc(73 * 300_000, "a");
  for (let at = 0; at < content.length; at += 73) content.write("\r\n--", at, "latin1");
  const parser = new MultipartParser(boundary, defaultMultipartLimits);
  const head = "Content-Disposition: form-data; name=a; filename=b";
  parser.push(Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`));
  expect(parser.step()).toBe("part");
  expect(parser.step()).toBe("more");
  parser.push(content);
  expect(parser.step()).toBe("data");
  expect(parser.data.length).toBe(content.length - 73);
  expect(parser.step()).toBe("more");
  parser.push(Buffer.from(`\r\n--${boundary}--`));
  const steps = [parser.step(), parser.data.length, parser.step(), parser.step()];
  expect(steps).toEqual(["data", 73, "part-end", "end"]);
});
