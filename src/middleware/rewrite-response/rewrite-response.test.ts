import { describe, expect, test } from "bun:test";
import zlib from "node:zlib";
import { ask } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { Context } from "../../core/context.ts";
import { HttpError } from "../../core/errors.ts";
import { Reply } from "../../core/reply.ts";
import { HeaderList } from "../../http/header-list.ts";
import { sourceFrom } from "../../wire/source.ts";
import { compress } from "../compress/compress.ts";
import { bytesOfText, textOfBytes, utf8Text } from "./byte-text.ts";
import type { RewriteResponseOptions } from "./rewrite-response.ts";
import { rewriteResponse } from "./rewrite-response.ts";

const html = (body: Reply["body"], fields: readonly string[] = [], status = 200) =>
  new Reply(body, status, new HeaderList(["Content-Type", "text/html; charset=utf-8", ...fields]));

function answering(options: RewriteResponseOptions, handler: (c: Context) => Reply): App {
  return new App().use(rewriteResponse(options)).add({ path: "/*", handler });
}

const replaced = async (from: string, to: string, body: string, type = "text/html") =>
  (
    await ask(
      answering(
        { body: [{ from, to }], types: [type] },
        () => new Reply(body, 200, new HeaderList(["Content-Type", type])),
      ),
      "/p?q=%3Cb%3E",
      { headers: { "x-name": `"a"&<b>` } },
    )
  ).body;

describe("text in a body", () => {
  test("is replaced as often as it is there", async () => {
    expect(await replaced("a", "bb", "a-a-A")).toBe("bb-bb-A");
    expect(await replaced("é", "ü", "café né")).toBe("cafü nü");
    expect(await replaced("x", "$$1", "x")).toBe("$1");
    expect(await replaced("gone", "", "gone, gone")).toBe(", ");
  });

  test("is found by expressions, line by line, with their groups as they are", async () => {
    expect(await replaced("~v([0-9]+)\\.([0-9]+)", "$2<$1>", "v1.2 & v3.4\nv5.6")).toBe(
      "2<1> & 4<3>\n6<5>",
    );
    expect(await replaced("~^(?<key>\\w+)=.*$", "$<key>=…", "a=1\r\nb=2\r\n c=3")).toBe(
      "a=…\r\nb=…\r\n c=3",
    );
    expect(await replaced("~(.+)$", "[$1]", "né")).toBe("[né]");
    expect(await replaced("~x*", "-", "axb")).toBe("-a--b-");
  });

  test("has values of the request, escaped for where they go", async () => {
    const to = "${header:x-name} ${path}";
    expect(await replaced("X", to, "X")).toBe("&quot;a&quot;&amp;&lt;b&gt; /p");
    expect(await replaced("X", to, "X", "application/json")).toBe('\\"a\\"&<b> /p');
    expect(await replaced("X", to, "X", "text/plain")).toBe('"a"&<b> /p');
  });

  test("is replaced by one rule after the other", async () => {
    const body = [
      { from: "a", to: "b" },
      { from: "b", to: "c" },
    ];
    expect(
      (
        await ask(
          answering({ body }, () => html("ab")),
          "/",
        )
      ).body,
    ).toBe("cc");
  });

  test("of bytes that are no UTF-8 leaves them as they are", async () => {
    const bytes = new Uint8Array([0x61, 0xff, 0x80, 0x62, 0x00]);
    const app = answering({ body: [{ from: "b", to: "c" }] }, () => html(bytes));
    const reply = await app.fetch(new Request("http://x/"));
    expect([...(await reply.bytes())]).toEqual([0x61, 0xff, 0x80, 0x63, 0x00]);
  });
});

test("every byte comes back as it was", () => {
  const bytes = Uint8Array.from({ length: 512 }, (_, index) => index & 0xff);
  const text = textOfBytes(bytes);
  expect(text).toHaveLength(512);
  expect(bytesOfText(text)).toEqual(bytes);
  expect(new TextDecoder().decode(bytesOfText(utf8Text("aé€😀\u0080")))).toBe("aé€😀\u0080");
});

describe("a body stays as it is", () => {
  const body = [{ from: "a", to: "b" }];
  const kept = async (options: RewriteResponseOptions, reply: () => Reply) =>
    (await ask(answering({ body, ...options }, reply), "/")).body;
  const long = "a".repeat(100);

  test("of another type, in a coding, in part, or where that is forbidden", async () => {
    const json = () => new Reply("a", 200, new HeaderList(["Content-Type", "application/json"]));
    expect(await kept({}, json)).toBe("a");
    expect(await kept({ types: ["application/*"] }, json)).toBe("b");
    expect(await kept({}, () => new Reply("a"))).toBe("a");
    expect(await kept({}, () => html("a", ["Content-Encoding", "x"]))).toBe("a");
    expect(await kept({}, () => html("a", ["Content-Range", "bytes 0-0/2"], 206))).toBe("a");
    expect(await kept({}, () => html("a", ["Cache-Control", "private, no-transform"]))).toBe("a");
  });

  test("beyond the size, whether that is known before or not", async () => {
    const sources = [
      () => html(long),
      () => html(new TextEncoder().encode(long)),
      () => html(sourceFrom([long], 100)),
      () => html(sourceFrom(["a".repeat(60), "a".repeat(40)])),
    ];
    for (const source of sources) {
      expect(await kept({ maxSize: 99 }, source)).toBe(long);
      expect(await kept({ maxSize: 100 }, source)).toBe(long.replaceAll("a", "b"));
    }
  });

  test("where it would become much larger", async () => {
    const to = "b".repeat(10_000);
    for (const from of ["a", "~a"]) {
      const grow = await kept({ body: [{ from, to }], maxSize: 1000 }, () => html(long));
      expect(grow).toBe(long);
    }
  });

  test("of a line that is longer than expressions look at", async () => {
    const line = "a".repeat(9000);
    expect(await kept({ body: [{ from: "~a", to: "b" }] }, () => html(`a\n${line}`))).toBe(
      `b\n${line}`,
    );
  });

  test("and an expression that looks far ends", async () => {
    const line = "a".repeat(8000);
    const rule = { body: [{ from: "~a(.*b)?", to: "c" }] };
    expect(await kept(rule, () => html(line))).toMatch(/^c+a+$/);
  });
});

describe("fields", () => {
  const body = [{ from: "a", to: "bb" }];
  const fields = [
    "ETag",
    '"x"',
    "Content-Length",
    "1",
    "Accept-Ranges",
    "bytes",
    "Repr-Digest",
    "sha-256=:x:",
    "Last-Modified",
    "Mon, 01 Jan 2024 00:00:00 GMT",
  ];

  test("tell of the body that is sent, of HEAD and 304 too", async () => {
    const app = answering({ body }, ({ path, method }) =>
      html(method === "HEAD" ? null : "a", fields, path === "/304" ? 304 : 200),
    );
    for (const [method, path] of [
      ["GET", "/"],
      ["HEAD", "/"],
      ["GET", "/304"],
    ] as const) {
      const { headers } = await ask(app, path, { method });
      expect([headers["etag"], headers["content-length"], headers["accept-ranges"]]).toEqual([
        'W/"x"',
        undefined,
        undefined,
      ]);
      expect([headers["repr-digest"], headers["last-modified"]]).toEqual([
        undefined,
        fields.at(-1),
      ]);
    }
  });

  test("ask for all of the body without a coding, and what stands around may still code it", async () => {
    const seen: (string | null)[] = [];
    const app = new App()
      .use(compress({ minSize: 0 }), rewriteResponse({ body }))
      .get("/", ({ requestHeaders }) => {
        for (const name of ["accept-encoding", "range", "if-range"])
          seen.push(requestHeaders.get(name));
        return html("a".repeat(50));
      });
    const headers = { "accept-encoding": "gzip", range: "bytes=0-1", "if-range": '"x"' };
    const reply = await app.fetch(new Request("http://x/", { headers }));
    expect(seen).toEqual(["identity", null, null]);
    expect(reply.headers.get("content-encoding")).toBe("gzip");
    expect(zlib.gunzipSync(await reply.bytes()).toString()).toBe("b".repeat(100));
  });
});

describe("a status", () => {
  const status = { 404: 410, 500: 503, 502: 503 };
  const app = answering({ status }, ({ path }) => {
    if (path === "/error") throw new HttpError(502, "bad", "Bad.");
    if (path === "/crash") throw new Error("crash");
    return html("x", ["X-A", "1"], path === "/404" ? 404 : 200);
  });

  test("is another one, with fields and body as they are, of errors too", async () => {
    const gone = await ask(app, "/404");
    expect([gone.status, gone.body, gone.headers["x-a"]]).toEqual([410, "x", "1"]);
    expect((await ask(app, "/")).status).toBe(200);
    const error = await ask(app, "/error");
    expect([error.status, error.headers["content-type"]]).toEqual([
      503,
      "application/problem+json",
    ]);
    expect((await ask(app, "/crash")).status).toBe(500);
  });

  test("that says what a body is cannot be had", () => {
    for (const one of [{ 204: 200 }, { 200: 304 }, { 99: 200 }, { 200: 600 }, { 206: 200 }])
      expect(() => rewriteResponse({ status: one as never })).toThrow(
        "no status that can be changed",
      );
  });
});

test("what cannot be is refused at start", () => {
  const wrong: [RewriteResponseOptions, string][] = [
    [{ body: [{ from: "", to: "x" }] }, "must be some text"],
    [{ body: [{ from: "~(", to: "x" }] }, "not closed"],
    [{ body: [{ from: "~a", to: "$1" }] }, "no groups"],
    [{ body: [{ from: "a", to: "${hots}" }] }, "no variable"],
    [{ maxSize: "big" }, "not a size"],
  ];
  for (const [options, message] of wrong) expect(() => rewriteResponse(options)).toThrow(message);
});

test("an answer that breaks off is an error, and the log has the reason", async () => {
  const broken = sourceFrom(
    (function* () {
      yield "a";
      throw new Error("disk gone");
    })(),
  );
  const reports: unknown[] = [];
  const app = answering({ body: [{ from: "a", to: "b" }] }, () => html(broken));
  const answer = await ask(app, "/", { report: (error) => void reports.push(error) });
  expect([answer.status, reports.length]).toEqual([502, 1]);
});
