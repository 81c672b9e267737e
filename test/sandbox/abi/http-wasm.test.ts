import { describe, expect, test } from "bun:test";
import type { PlainData } from "../../../src/sandbox/abi/abi.ts";
import type {
  HttpRequestMessage,
  HttpRequestOutcome,
  HttpResponseMessage,
  HttpResponseOutcome,
} from "../../../src/sandbox/abi/http-message.ts";
import { httpWasm } from "../../../src/sandbox/abi/http-wasm/http-wasm.ts";
import { compileC, FREESTANDING } from "../guests/toolchain.ts";
import { wat } from "../guests/wat.ts";
import { FakeGuest, fakeHost } from "./fake-guest.ts";

const FLAGS = [...FREESTANDING, "-Iexamples/sandbox/include", "-fno-builtin"];

/** A guest of which `handle_request` and `handle_response` have these bodies. */
function guestOf(
  request: string,
  response = "",
  fake = fakeHost(),
  start = "",
): { guest: FakeGuest; logs: string[] } {
  const text = `
    #include "http-handler.h"
    static char buf[4096];
    static void note(u32 length) { log(LOG_INFO, buf, length); }
    static void number(u64 value) {
      char digits[20]; u32 n = 0, i = 0;
      do { digits[n++] = '0' + value % 10; value /= 10; } while (value);
      while (n) buf[i++] = digits[--n];
      note(i);
    }
    void EXPORT(_initialize)(void) { ${start} }
    u64 EXPORT(handle_request)(void) { ${request} return NEXT; }
    void EXPORT(handle_response)(u32 ctx, u32 is_error) { ${response} }`;
  return { guest: new FakeGuest(compileC({ text }, FLAGS), httpWasm, fake.host), logs: fake.logs };
}

const request: HttpRequestMessage = {
  method: "POST",
  uri: "/a%20b?c=d",
  protocol: "HTTP/1.1",
  source: "192.0.2.7:1234",
  scheme: "http",
  host: "example.com",
  headers: [
    "Host",
    "example.com",
    "X-One",
    "1",
    "x-one",
    "2",
    "Caf\u00e9x".replace("\u00e9", "e"),
    "\u00e9",
  ],
  body: new TextEncoder().encode("hello world"),
  trailers: [],
};
const response: HttpResponseMessage = {
  context: 42,
  isError: false,
  features: 0,
  request,
  status: 404,
  headers: ["Content-Type", "text/plain", "Set-Cookie", "a=1", "Set-Cookie", "b=2"],
  body: undefined,
  trailers: ["Grpc-Status", "0"],
};

function ask(guest: FakeGuest, changes: Partial<HttpRequestMessage> = {}): HttpRequestOutcome {
  const message = { ...request, ...changes } as HttpRequestMessage;
  return guest.call("handle_request", message) as unknown as HttpRequestOutcome;
}

function answer(guest: FakeGuest, changes: Record<string, PlainData> = {}): HttpResponseOutcome {
  const message = { ...response, ...changes } as HttpResponseMessage;
  return guest.call("handle_response", message) as unknown as HttpResponseOutcome;
}

describe("reading a request", () => {
  test("its parts are written to memory", () => {
    const { guest, logs } = guestOf(`
      note(get_method(buf, 4096));
      note(get_uri(buf, 4096));
      note(get_protocol_version(buf, 4096));
      note(get_source_addr(buf, 4096));
      note((u32)get_header_names(HEADERS_REQUEST, buf, 4096));
      note((u32)get_header_values(HEADERS_REQUEST, LITERAL("X-ONE"), buf, 4096));
      number(get_header_values(HEADERS_REQUEST, LITERAL("x-one"), buf, 0));
      number(get_header_values(HEADERS_REQUEST, LITERAL("none"), buf, 4096));
      number(get_header_names(TRAILERS_REQUEST, buf, 4096));`);
    const outcome = ask(guest);
    expect(logs).toEqual([
      "info: POST",
      "info: /a%20b?c=d",
      "info: HTTP/1.1",
      "info: 192.0.2.7:1234",
      "info: host\0x-one\0cafex\0",
      "info: 1\x002\0",
      `info: ${(2n << 32n) | 4n}`,
      "info: 0",
      "info: 0",
    ]);
    expect(outcome).toMatchObject({ next: true, context: 0, features: 0, status: 200 });
    expect(outcome.headers).toBeUndefined();
    expect(outcome.body).toBeUndefined();
  });

  test("nothing is written where there is not room for all of it", () => {
    const { guest, logs } = guestOf(`
      buf[0] = '-'; buf[1] = 0;
      u32 length = get_uri(buf, 9);
      note(1);
      number(length);`);
    ask(guest);
    expect(logs).toEqual(["info: -", "info: 10"]);
  });

  test("a field of bytes above ASCII keeps them", () => {
    const { guest, logs } = guestOf(`
      u64 size = get_header_values(HEADERS_REQUEST, LITERAL("cafex"), buf, 4096);
      number(size == (1ull << 32 | 2) && (unsigned char)buf[0] == 0xe9);`);
    ask(guest);
    expect(logs).toEqual(["info: 1"]);
  });

  test("its body is read from the front to the end", () => {
    const { guest, logs } = guestOf(`
      u64 first = read_body(BODY_REQUEST, buf, 6);
      note(6);
      number(first >> 32);
      u64 second = read_body(BODY_REQUEST, buf, 4096);
      note((u32)second);
      number(second >> 32);
      number(read_body(BODY_REQUEST, buf, 4096));`);
    ask(guest);
    expect(logs).toEqual([
      "info: hello ",
      "info: 0",
      "info: world",
      "info: 1",
      `info: ${1n << 32n}`,
    ]);
  });

  test("a body that was not read for it is an error that says so", () => {
    const { guest } = guestOf("read_body(BODY_REQUEST, buf, 6);");
    expect(() => ask(guest, { body: undefined })).toThrow("enable_features asks for it");
  });
});

describe("trailers of a request", () => {
  const trailers = ["X-Sum", "12", "X-End", "1"];

  test("are read with the feature trailers", () => {
    const { guest, logs } = guestOf(`
      number(get_header_names(TRAILERS_REQUEST, buf, 0));
      enable_features(TRAILERS);
      note((u32)get_header_names(TRAILERS_REQUEST, buf, 4096));
      note((u32)get_header_values(TRAILERS_REQUEST, LITERAL("x-sum"), buf, 4096));`);
    expect(ask(guest, { trailers }).trailers).toBeUndefined();
    expect(logs).toEqual(["info: 0", "info: x-sum\0x-end\0", "info: 12\0"]);
  });

  test("are changed where the body was read, and then alone", () => {
    const { guest } = guestOf(`
      enable_features(TRAILERS);
      set_header_value(TRAILERS_REQUEST, LITERAL("x-sum"), LITERAL("13"));
      remove_header(TRAILERS_REQUEST, LITERAL("x-end"));
      add_header_value(TRAILERS_REQUEST, LITERAL("x-more"), LITERAL("2"));`);
    expect(ask(guest, { trailers }).trailers).toEqual(["x-sum", "13", "x-more", "2"]);
    expect(() => ask(guest, { trailers: [], body: undefined })).toThrow("import read_body");
  });
});

describe("changing a request", () => {
  test("method, uri, headers and body", () => {
    const { guest } = guestOf(`
      set_method(LITERAL("PUT"));
      set_uri(LITERAL("/other?x"));
      set_header_value(HEADERS_REQUEST, LITERAL("x-one"), LITERAL("9"));
      add_header_value(HEADERS_REQUEST, LITERAL("x-two"), LITERAL("a"));
      add_header_value(HEADERS_REQUEST, LITERAL("X-Two"), LITERAL("b"));
      remove_header(HEADERS_REQUEST, LITERAL("HOST"));
      write_body(BODY_REQUEST, LITERAL("new "));
      write_body(BODY_REQUEST, LITERAL("body"));`);
    const outcome = ask(guest);
    expect(outcome.method).toBe("PUT");
    expect(outcome.uri).toBe("/other?x");
    expect(outcome.headers).toEqual(["Cafex", "\u00e9", "x-one", "9", "x-two", "a", "X-Two", "b"]);
    expect(new TextDecoder().decode(outcome.body)).toBe("new body");
    // What was sent is the sender's: the guest works on its own copy.
    expect(request.headers[0]).toBe("Host");
  });

  test("an empty uri is that of the root, and an empty body is one", () => {
    const { guest } = guestOf("set_uri(buf, 0); write_body(BODY_REQUEST, buf, 0);");
    expect(ask(guest)).toMatchObject({ uri: "/", body: new Uint8Array(0) });
  });

  test.each([
    ["a method of two words", 'set_method(LITERAL("GET /"));', "no method"],
    ["no method", "set_method(buf, 0);", "no method"],
    ["a uri with a line end", 'set_uri(LITERAL("/a\\r\\nb"));', "no path"],
    ["a uri of another host", 'set_uri(LITERAL("http://evil.example/"));', "no path"],
    [
      "a value with a line end",
      'set_header_value(0, LITERAL("a"), LITERAL("b\\r\\nc: d"));',
      "cannot be sent",
    ],
    ["a name with a colon", 'add_header_value(0, LITERAL("a:"), LITERAL("b"));', "no name"],
    ["a header without a name", "remove_header(0, buf, 0);", "is empty"],
    ["reading no bytes", "read_body(0, buf, 0);", "0 bytes"],
    ["a kind of header that is none", "get_header_names(4, buf, 1);", "kind 4"],
    ["changing a kind that is none", 'remove_header(9, LITERAL("a"));', "kind 9"],
    ["a kind of body that is none", "read_body(2, buf, 1);", "kind 2"],
    [
      "a request's trailer",
      'set_header_value(2, LITERAL("a"), LITERAL("b"));',
      "enable_features(4)",
    ],
    [
      "trailers that were not enabled",
      'set_header_value(3, LITERAL("a"), LITERAL("b"));',
      "enable_features(4)",
    ],
    ["a status that is none", "set_status_code(101);", "101 is not"],
    ["memory outside of its own", "get_uri((void *)0xfffffff0, 4096);", "outside of the guest"],
    [
      "a message outside of its memory",
      "log(LOG_INFO, (void *)0x7fffffff, 10);",
      "outside of the guest",
    ],
    [
      "too many headers",
      'for (int i = 0; i < 600; i++) add_header_value(0, LITERAL("a"), LITERAL("b"));',
      "too many headers",
    ],
    ["a body without an end", "for (;;) write_body(1, buf, 4096);", "more than 16777216 bytes"],
  ])("%s ends the call", (_name, body, message) => {
    expect(() => ask(guestOf(body).guest)).toThrow(message);
  });
});

describe("answering", () => {
  test("a status, headers, trailers and a body instead of what is inside", () => {
    const { guest } = guestOf(`
      enable_features(TRAILERS);
      set_status_code(403);
      number(get_status_code());
      set_header_value(HEADERS_RESPONSE, LITERAL("content-type"), LITERAL("text/plain"));
      set_header_value(TRAILERS_RESPONSE, LITERAL("x-end"), LITERAL("1"));
      write_body(BODY_RESPONSE, LITERAL("no"));
      return (7ull << 32) | ANSWERED;`);
    const outcome = ask(guest);
    expect(outcome).toMatchObject({
      next: false,
      context: 7,
      features: 4,
      status: 403,
      responseHeaders: ["content-type", "text/plain"],
      responseTrailers: ["x-end", "1"],
    });
    expect(new TextDecoder().decode(outcome.responseBody)).toBe("no");
  });

  test("what goes on is 1, and nothing else; the context goes along", () => {
    expect(ask(guestOf("return (16ull << 32) | 1;").guest)).toMatchObject({
      next: true,
      context: 16,
    });
    expect(ask(guestOf("return 2;").guest).next).toBe(false);
    expect(ask(guestOf("return 0xffffffff00000001ull;").guest).context).toBe(0xffff_ffff);
  });
});

describe("the answer of what is inside", () => {
  test("may be looked at", () => {
    const { guest, logs } = guestOf(
      "",
      `
      number(ctx); number(is_error);
      note(get_method(buf, 4096));
      note((u32)get_header_values(HEADERS_RESPONSE, LITERAL("set-cookie"), buf, 4096));
      number(get_header_names(TRAILERS_RESPONSE, buf, 4096));`,
    );
    const outcome = answer(guest, { isError: true });
    expect(logs).toEqual(["info: 42", "info: 1", "info: POST", "info: a=1\0b=2\0", "info: 0"]);
    expect(outcome).toEqual({
      status: undefined,
      headers: undefined,
      body: undefined,
      trailers: undefined,
    });
  });

  test("may be changed with buffer_response, trailers with trailers", () => {
    const { guest, logs } = guestOf(
      "",
      `
      number(get_status_code());
      set_status_code(200);
      remove_header(HEADERS_RESPONSE, LITERAL("set-cookie"));
      note((u32)read_body(BODY_RESPONSE, buf, 4096));
      write_body(BODY_RESPONSE, LITERAL("changed"));
      note((u32)get_header_values(TRAILERS_RESPONSE, LITERAL("grpc-status"), buf, 4096));
      add_header_value(TRAILERS_RESPONSE, LITERAL("x"), LITERAL("y"));`,
    );
    const body = new TextEncoder().encode("as it was");
    const outcome = answer(guest, { features: 2 | 4, body });
    expect(logs).toEqual(["info: 404", "info: as it was", "info: 0\0"]);
    expect(outcome.status).toBe(200);
    expect(outcome.headers).toEqual(["Content-Type", "text/plain"]);
    expect(outcome.trailers).toEqual(["Grpc-Status", "0", "x", "y"]);
    expect(new TextDecoder().decode(outcome.body)).toBe("changed");
  });

  test.each([
    ["its status", "get_status_code();", "enable_features(2)"],
    ["a new status", "set_status_code(200);", "enable_features(2)"],
    ["its body", "read_body(BODY_RESPONSE, buf, 1);", "enable_features(2)"],
    ["a new body", "write_body(BODY_RESPONSE, buf, 1);", "enable_features(2)"],
    ["its headers", 'remove_header(HEADERS_RESPONSE, LITERAL("a"));', "enable_features(2)"],
    ["the request's method", 'set_method(LITERAL("GET"));', "request is past"],
    ["the request's uri", 'set_uri(LITERAL("/"));', "request is past"],
    ["the request's headers", 'remove_header(HEADERS_REQUEST, LITERAL("a"));', "request is past"],
    ["the request's body", "write_body(BODY_REQUEST, buf, 1);", "request is past"],
  ])("%s is out of reach without asking for it", (_name, body, message) => {
    expect(() => answer(guestOf("", body).guest)).toThrow(message);
  });
});

describe("features, settings and logs", () => {
  test("what is enabled at the start holds for each request, what is enabled in one for that one", () => {
    const start = "enable_features(BUFFER_REQUEST);";
    const { guest, logs } = guestOf(
      "number(enable_features(BUFFER_RESPONSE | 64));",
      "",
      fakeHost(),
      start,
    );
    expect(guest.call("http_features")).toBe(1);
    expect(ask(guest).features).toBe(3);
    expect(logs).toEqual(["info: 7"]);
    guest.reset();
    expect(guest.call("http_features")).toBe(1);
  });

  test.each([
    [{}, "info: "],
    [{ a: "1", b: "x" }, 'info: {"a":"1","b":"x"}'],
    [{ "": "as it is", b: "x" }, "info: as it is"],
  ] as const)("the settings %p", (config, expected) => {
    const { guest, logs } = guestOf("note(get_config(buf, 4096));", "", fakeHost({ config }));
    ask(guest);
    expect(logs).toEqual([expected]);
  });

  test("levels", () => {
    const { guest, logs } = guestOf(`
      log(LOG_DEBUG, LITERAL("debug")); log(LOG_WARN, LITERAL("warn"));
      log(LOG_ERROR, LITERAL("error")); log(3, LITERAL("none")); log(77, LITERAL("what"));
      number(log_enabled(LOG_DEBUG)); number(log_enabled(LOG_INFO)); number(log_enabled(3));`);
    ask(guest);
    expect(logs).toEqual(["warn: warn", "error: error", "info: 0", "info: 1", "info: 0"]);
  });

  test("no request at the start", () => {
    expect(() => guestOf("", "", fakeHost(), "get_uri(buf, 1);")).toThrow(
      "wait for handle_request",
    );
  });
});

describe("the store beside it", () => {
  test("counts, keeps and forgets", () => {
    const { guest, logs } = guestOf(`
      number(kv_increment(LITERAL("n"), 2, 1000)); number(kv_increment(LITERAL("n"), 3, 1000));
      number(kv_set(LITERAL("k"), LITERAL("value"), 0));
      note(kv_get(LITERAL("k"), buf, 4096));
      number(kv_get(LITERAL("k"), buf, 2));
      number(kv_delete(LITERAL("k"))); number(kv_delete(LITERAL("k")));
      number(kv_get(LITERAL("k"), buf, 4096) == -1);
      number(kv_set(LITERAL("k"), buf, 4096, 0) == -1);`);
    ask(guest);
    expect(logs.map((line) => line.slice(6))).toEqual([
      "2",
      "5",
      "0",
      "value",
      "5",
      "1",
      "0",
      "1",
      "1",
    ]);
  });

  test("long keys are refused", () => {
    expect(() => ask(guestOf("kv_delete(buf, 4096);").guest)).toThrow("at most 1024 bytes");
  });
});

test("a guest in the text format: the smallest middleware", () => {
  const bytes = wat(`(module
    (import "http_handler" "set_header_value" (func $set (param i32 i32 i32 i32 i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "x-guestwat")
    (func (export "handle_request") (result i64)
      (call $set (i32.const 1) (i32.const 0) (i32.const 7) (i32.const 7) (i32.const 3))
      (i64.const 1))
    (func (export "handle_response") (param i32 i32)))`);
  const guest = new FakeGuest(bytes, httpWasm, fakeHost().host);
  expect(ask(guest)).toMatchObject({ next: true, responseHeaders: ["x-guest", "wat"] });
});

describe("what is no http-wasm", () => {
  const withMemory = (text: string) =>
    new FakeGuest(wat(`(module (memory (export "memory") 1) ${text})`), httpWasm, fakeHost().host);

  test.each([
    ["no handle_request", "", "handle_request", request, "exports no handle_request"],
    [
      "handle_request of another type",
      '(func (export "handle_request") (result i32) (i32.const 1))',
      "handle_request",
      request,
      "must give an i64",
    ],
    ["another entry", "", "run", request, 'not by "run"'],
    ["an input that is no request", "", "handle_request", "text", "exports no"],
  ] as const)("%s", (_name, text, entry, input, message) => {
    expect(() => withMemory(text).call(entry, input)).toThrow(message);
  });

  test("an input that is no request, and one that is no answer", () => {
    const { guest } = guestOf("");
    expect(() => guest.call("handle_request", "text")).toThrow("answers HTTP requests");
    expect(() => guest.call("handle_response", { a: 1 })).toThrow("looks at the answer");
  });

  test("a main that ends well is its start, one that fails is an error", () => {
    const exits = (code: number) =>
      wat(`(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "_start") (call $exit (i32.const ${code}))))`);
    new FakeGuest(exits(0), httpWasm, fakeHost().host);
    expect(() => new FakeGuest(exits(3), httpWasm, fakeHost().host)).toThrow(
      "exit code 3 at its start",
    );
  });
});
