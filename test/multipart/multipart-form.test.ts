import { describe, expect, test } from "bun:test";
import { HttpError } from "../../src/core/errors.ts";
import { MultipartForm } from "../../src/core/forms/multipart-form.ts";
import { readForm } from "../../src/core/forms/read-form.ts";
import type { Source } from "../../src/wire/source.ts";
import { sourceFrom, sourceFromStream } from "../../src/wire/source.ts";
import type { MultipartLimits } from "../../src/http/multipart-limits.ts";

const TYPE = "multipart/form-data; boundary=b";
const part = (head: string, content: string) =>
  `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
const END = "--b--\r\n";

/** A source that counts, whose chunks are overwritten at the next pull as its contract allows. */
class Watched implements Source {
  readonly size = undefined;
  pulls = 0;
  cancelled = 0;
  readonly #chunks: string[];
  #lent: Uint8Array | undefined;

  constructor(...chunks: string[]) {
    this.#chunks = chunks;
  }

  pull(): Uint8Array | null {
    this.pulls++;
    this.#lent?.fill(0x21);
    const next = this.#chunks.shift();
    return next === undefined ? null : (this.#lent = Buffer.from(next, "latin1"));
  }

  cancel(): void {
    this.cancelled++;
  }
}

async function problemOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof HttpError) return `${error.status} ${error.code}`;
    throw error;
  }
  return "none";
}

describe("parts", () => {
  test("come one after the other, with their content", async () => {
    const source = new Watched(part("name=a", "1"), part("name=f; filename=x.bin", "\0\xff") + END);
    const seen: unknown[] = [];
    for await (const p of new MultipartForm(source, TYPE)) {
      seen.push([p.name, p.filename, p.isFile, p.type, [...(await p.bytes())]]);
    }
    expect(seen).toEqual([
      ["a", undefined, false, "text/plain", [0x31]],
      ["f", "x.bin", true, "application/octet-stream", [0, 0xff]],
    ]);
    expect(source.cancelled).toBe(0);
  });

  test("are read no faster than they are asked for", async () => {
    const chunks = ["x", "y", "z"].map((letter) => letter.repeat(100));
    const source = new Watched(
      part("name=f; filename=x", "").slice(0, -2),
      ...chunks,
      `\r\n${END}`,
    );
    const form = new MultipartForm(source, TYPE);
    const first = await form.next();
    expect(source.pulls).toBe(1);
    const got = await first!.body.pull();
    expect(Buffer.from(got!).toString()).toBe("x".repeat(100));
    expect(source.pulls).toBe(2);
    expect(await new Response(first!.stream()).text()).toBe("y".repeat(100) + "z".repeat(100));
    expect(await form.next()).toBeNull();
    expect(await form.next()).toBeNull();
  });

  test("that were not read are skipped, and cannot be read later", async () => {
    const form = new MultipartForm(
      sourceFrom([part("name=a", "11"), part("name=b", "22"), part("name=c", "33") + END]),
      TYPE,
    );
    const a = await form.next();
    const b = await form.next();
    b!.body.cancel();
    expect(await b!.body.pull()).toBeNull();
    const c = await form.next();
    expect([a!.name, b!.name, c!.name]).toEqual(["a", "b", "c"]);
    expect(await c!.text()).toBe("33");
    expect(await form.next()).toBeNull();
    const late = new MultipartForm(
      sourceFrom([part("name=a", "1"), part("name=b", "2") + END]),
      TYPE,
    );
    const first = (await late.next())!;
    const firstByte = first.body.pull();
    await firstByte;
    await late.next();
    expect(await first.body.pull()).toBeNull();
  });

  test("are given up when the loop is left", async () => {
    const source = new Watched(part("name=a", "1"), part("name=b", "2") + END);
    for await (const p of new MultipartForm(source, TYPE)) {
      expect(p.name).toBe("a");
      break;
    }
    expect(source.cancelled).toBe(1);
  });

  test("what follows the last boundary is read, so that the connection can go on", async () => {
    const source = new Watched(part("name=a", "1") + END, "epilogue", "more");
    const form = new MultipartForm(source, TYPE);
    while ((await form.next()) !== null);
    expect(source.pulls).toBe(4);
    expect(source.cancelled).toBe(0);
  });

  test("text is decoded as it says, and refused when it is none", async () => {
    const of = (type: string, content: string) => {
      const head = `name=a\r\nContent-Type: ${type}`;
      return readForm(new Watched(part(head, content) + END), TYPE).then((f) => f.get("a"));
    };
    expect(await of("text/plain", "\xc3\xbc")).toBe("ü");
    expect(await of("text/plain; charset=UTF8", "\xef\xbb\xbfx")).toBe("\ufeffx");
    expect(await of("text/plain; charset=iso-8859-1", "\xfc")).toBe("ü");
    expect(await problemOf(() => of("text/plain", "\xff"))).toBe("400 multipart_field_not_text");
    expect(await problemOf(() => of("text/plain; charset=klingon", "x"))).toBe(
      "415 multipart_charset",
    );
  });
});

describe("refused", () => {
  test("the body is given up, and every later question has the same answer", async () => {
    const source = new Watched(part("name=a", "1"), "--b\r\njunk\r\n\r\n");
    const form = new MultipartForm(source, TYPE);
    await form.next();
    expect(await problemOf(() => form.next())).toBe("400 multipart_header");
    expect(source.cancelled).toBe(1);
    expect(await form.next()).toBeNull();
  });

  test("an end that came too soon is seen by whoever reads the part", async () => {
    const form = new MultipartForm(sourceFrom([part("name=a; filename=x", "12")]), TYPE);
    const p = (await form.next())!;
    expect(await problemOf(() => p.bytes())).toBe("400 multipart_truncated");
    expect(await problemOf(async () => p.body.pull())).toBe("400 multipart_truncated");
  });

  test("a failure of the connection is passed on as it is", async () => {
    const broken = new Error("connection reset");
    const form = new MultipartForm(
      sourceFrom(
        (async function* () {
          yield part("name=a; filename=x", "12");
          throw broken;
        })(),
      ),
      TYPE,
    );
    const p = (await form.next())!;
    await expect(p.bytes()).rejects.toBe(broken);
  });

  test("another type, before anything is read", () => {
    const source = new Watched(END);
    expect(() => new MultipartForm(source, "text/plain")).toThrow(HttpError);
    expect([source.pulls, source.cancelled]).toEqual([0, 1]);
  });

  test("a part over the limit its reader sets", async () => {
    const form = new MultipartForm(sourceFrom([part("name=a", "12345") + END]), TYPE);
    const p = (await form.next())!;
    expect(await problemOf(() => p.bytes(4))).toBe("413 multipart_part_too_large");
  });
});

describe("a whole form", () => {
  const read = (body: string, type: string | null, limits?: Partial<MultipartLimits>) =>
    readForm(new Watched(body), type, limits);

  test("is what the platform's own client sends", async () => {
    const sent = new FormData();
    sent.append("text", 'ü "quoted"\r\nlines');
    sent.append('na"me', "1");
    sent.append("tag", "a");
    sent.append("tag", "b");
    sent.append(
      "file",
      new File([new Uint8Array([0, 13, 10, 45, 45])], "ü/a.bin", { type: "x/y" }),
    );
    const request = new Request("http://a/", { method: "POST", body: sent });
    const form = await readForm(
      sourceFromStream(request.body!),
      request.headers.get("content-type"),
    );
    expect(form.get("text")).toBe('ü "quoted"\r\nlines');
    expect(form.get('na"me')).toBe("1");
    expect(form.getAll("tag")).toEqual(["a", "b"]);
    const file = form.get("file") as File;
    expect([file.name, file.type, file.size]).toEqual(["a.bin", "x/y", 5]);
    expect([...new Uint8Array(await file.arrayBuffer())]).toEqual([0, 13, 10, 45, 45]);
  });

  test("may be urlencoded", async () => {
    const form = await read("a=1&a=2&b=%C3%BC+x", "application/x-www-form-urlencoded");
    expect([...form]).toEqual([
      ["a", "1"],
      ["a", "2"],
      ["b", "ü x"],
    ]);
  });

  test("has no file where a control was left empty", async () => {
    const empty = part('name="f"; filename=""', "");
    const nameless = part('name="g"; filename=""', "x");
    const form = await read(empty + nameless + END, TYPE);
    expect(form.has("f")).toBe(false);
    expect((form.get("g") as File).name).toBe("file");
  });

  test("is refused with a reason", async () => {
    const urlencoded = "application/x-www-form-urlencoded";
    const rows: [body: string, type: string | null, limits: object, problem: string][] = [
      ["a=1", null, {}, "415 form_expected"],
      ["{}", "application/json", {}, "415 form_expected"],
      ["a=%ff", urlencoded, {}, "400 field_not_utf8"],
      ["a=12345", urlencoded, { totalBytes: 5 }, "413 form_too_large"],
      ["a&b", urlencoded, { fields: 1 }, "413 too_many_fields"],
      ["a=12", urlencoded, { fieldBytes: 1 }, "413 field_value_too_long"],
      ["", TYPE, {}, "400 multipart_truncated"],
      [part("name=a", "12345") + END, TYPE, { totalBytes: 20 }, "413 multipart_too_large"],
      [END + "x".repeat(100), TYPE, { totalBytes: 20 }, "413 multipart_too_large"],
      [part("name=a", "12345") + END, TYPE, { fieldBytes: 4 }, "413 multipart_field_too_large"],
    ];
    for (const [body, type, limits, problem] of rows) {
      expect(await problemOf(() => read(body, type, limits))).toBe(problem);
    }
  });

  test("a bomb of parts ends at the limit", async () => {
    const one = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n";
    const source = new Watched(...Array.from({ length: 2000 }, () => one));
    expect(await problemOf(() => readForm(source, TYPE))).toBe("413 multipart_too_many_parts");
    expect(source.pulls).toBeLessThan(1100);
  });
});

test("2,000 bodies with random damage: read, or a clear 4xx", async () => {
  const whole =
    part("name=a", "1") +
    part('name="f"; filename="x.bin"\r\nContent-Type: a/b', "\r\n--\r\n") +
    END;
  let seed = 5;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 16) % below;
  };
  let read = 0;
  for (let round = 0; round < 2000; round++) {
    const bytes = [...Buffer.from(whole, "latin1")];
    for (let i = random(4); i >= 0; i--) {
      const at = random(bytes.length);
      const kind = random(3);
      if (kind === 0) bytes[at] = random(256);
      else if (kind === 1) bytes.splice(at, 1 + random(5));
      else bytes.splice(at, 0, ...[13, 10, 45, 45, 98].slice(random(5)));
    }
    const body = Buffer.from(bytes);
    const cut = random(body.length + 1);
    const source = sourceFrom([body.subarray(0, cut), body.subarray(cut)]);
    const problem = await problemOf(() => readForm(source, TYPE));
    if (problem === "none") read++;
    else expect(problem).toMatch(/^(400|413|415) [a-z0-9_]+$/);
  }
  expect(read).toBeGreaterThan(50);
  expect(read).toBeLessThan(1950);
});
