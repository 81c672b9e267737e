import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { App } from "../../../src/core/app.ts";
import { WasmSandbox, wasmHandler, wasmMiddleware } from "../../../src/sandbox/index.ts";
import { serve } from "../../../src/server/index.ts";
import { exchangeRaw } from "../../support/raw-client.ts";
import { compileC, FREESTANDING } from "../guests/toolchain.ts";
import { wat } from "../guests/wat.ts";

// Guests are stopped by a clock, and the machine may be busy.
setDefaultTimeout(60_000);

const FLAGS = [...FREESTANDING, "-Iexamples/sandbox/include", "-fno-builtin"];

/** Does what the path of the request says. */
const probe = compileC(
  {
    text: `
    #include "http-handler.h"
    static char buf[8192], path[64];
    static u32 length;
    static int is(const char *name, u32 n) {
      if (length < n) return 0;
      for (u32 i = 0; i < n; i++) if (path[i] != name[i]) return 0;
      return 1;
    }
    #define IS(name) is(LITERAL(name))
    static u32 shout(u32 kind) {
      u64 read = read_body(kind, buf, sizeof buf);
      for (u32 i = 0; i < (u32)read; i++) if (buf[i] >= 'a' && buf[i] <= 'z') buf[i] -= 32;
      return (u32)read;
    }
    u64 EXPORT(handle_request)(void) {
      length = get_uri(path, sizeof path);
      if (IS("/rewrite")) set_uri(LITERAL("/target?x=1"));
      if (IS("/method")) set_method(LITERAL("DELETE"));
      if (IS("/both")) { set_uri(LITERAL("/echo")); write_body(BODY_REQUEST, LITERAL("by the guest")); }
      if (IS("/nowhere")) set_uri(LITERAL("/%2f"));
      if (IS("/echo/shout")) write_body(BODY_REQUEST, buf, shout(BODY_REQUEST));
      if (IS("/headers")) {
        set_header_value(HEADERS_REQUEST, LITERAL("X-Set"), LITERAL("set"));
        remove_header(HEADERS_REQUEST, LITERAL("X-Secret"));
        set_header_value(HEADERS_RESPONSE, LITERAL("X-Pending"), LITERAL("yes"));
      }
      if (IS("/respond")) {
        set_status_code(418);
        add_header_value(HEADERS_RESPONSE, LITERAL("Set-Cookie"), LITERAL("a=1"));
        add_header_value(HEADERS_RESPONSE, LITERAL("Set-Cookie"), LITERAL("b=2"));
        set_header_value(HEADERS_RESPONSE, LITERAL("Transfer-Encoding"), LITERAL("gzip"));
        write_body(BODY_RESPONSE, LITERAL("short and stout"));
        return ANSWERED;
      }
      if (IS("/after")) enable_features(BUFFER_RESPONSE);
      if (IS("/loop")) for (volatile int i = 0;; i++);
      if (IS("/trap")) __builtin_trap();
      return 42ull << 32 | NEXT;
    }
    void EXPORT(handle_response)(u32 context, u32 is_error) {
      if (is_error) log(LOG_WARN, LITERAL("failed inside"));
      if (context != 42) __builtin_trap();
      // Memory was put back: what the request left is gone.
      if (length != 0) __builtin_trap();
      length = get_uri(path, sizeof path);
      if (!IS("/after")) return;
      if (get_status_code() != 200) __builtin_trap();
      set_status_code(201);
      set_header_value(HEADERS_RESPONSE, LITERAL("X-After"), LITERAL("1"));
      remove_header(HEADERS_RESPONSE, LITERAL("X-Inner"));
      write_body(BODY_RESPONSE, buf, shout(BODY_RESPONSE));
    }`,
  },
  FLAGS,
);

const lines: string[] = [];
let sandbox: WasmSandbox;
let app: App;
beforeAll(async () => {
  sandbox = await WasmSandbox.builder()
    .source(probe)
    .cpuTimeout("1s")
    .callTimeout("40s")
    .onLog(({ text }) => lines.push(text))
    .build();
  const inner = new App()
    .use(wasmMiddleware(sandbox, { maxBody: "4KiB" }))
    .get("/pass", () => "passed")
    .get("/target", ({ query }) => ({ query }))
    .get("/method", () => "got")
    .delete("/method", () => "deleted")
    .post("/echo", (c) => c.text())
    .post("/echo/shout", (c) => c.text())
    .post("/echo/length", ({ requestHeaders, exchange }) => ({
      sent: requestHeaders.get("content-length"),
      size: exchange.body?.size,
    }))
    .get("/headers", ({ requestHeaders }) => ({
      set: requestHeaders.get("x-set"),
      secret: requestHeaders.get("x-secret"),
    }))
    .get("/after/text", () => new Response("inner", { headers: { "X-Inner": "1" } }))
    .get("/after/stream", (c) =>
      c.stream(
        (async function* () {
          yield "one ";
          yield "two";
        })(),
      ),
    )
    .get("/after/long", () => "x".repeat(5000))
    .get("/throws", () => {
      throw new Error("inside");
    })
    .get("/loop", () => "never")
    .get("/trap", () => "never")
    .get("/respond", () => "never");
  app = inner as unknown as App;
});
afterAll(() => sandbox.dispose());

const ask = (path: string, init?: RequestInit): Promise<Response> =>
  app.fetch(new Request(`http://a.example${path}`, init));

describe("a guest as middleware", () => {
  test("lets a request pass", async () => {
    expect(await (await ask("/pass")).text()).toBe("passed");
  });

  test("routes anew where it changed the uri or the method", async () => {
    expect(await (await ask("/rewrite?y=2")).json()).toEqual({ query: { x: "1" } });
    expect(await (await ask("/method")).text()).toBe("deleted");
    const posted = await ask("/both", { method: "POST", body: "by the client" });
    expect(await posted.text()).toBe("by the guest");
  });

  test("changes headers both ways", async () => {
    const answer = await ask("/headers", { headers: { "X-Secret": "s" } });
    expect(await answer.json()).toEqual({ set: "set", secret: null });
    expect(answer.headers.get("x-pending")).toBe("yes");
  });

  test("reads a body, which is there for what is inside too", async () => {
    const send = (path: string, body: string) => ask(path, { method: "POST", body });
    expect(await (await send("/echo", "as it was")).text()).toBe("as it was");
    expect(await (await send("/echo/shout", "louder")).text()).toBe("LOUDER");
    expect((await send("/echo", "x".repeat(4097))).status).toBe(413);
    expect(await (await send("/echo/length", "12345")).json()).toMatchObject({ size: 5 });
  });

  test("answers itself", async () => {
    const answer = await ask("/respond");
    expect(answer.status).toBe(418);
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(answer.headers.has("transfer-encoding")).toBe(false);
    expect(await answer.text()).toBe("short and stout");
  });

  test("changes the answer of what is inside", async () => {
    const answer = await ask("/after/text");
    expect(answer.status).toBe(201);
    expect([answer.headers.get("x-after"), answer.headers.get("x-inner")]).toEqual(["1", null]);
    expect(await answer.text()).toBe("INNER");
    expect(await (await ask("/after/stream")).text()).toBe("ONE TWO");
    expect((await ask("/after/long")).status).toBe(502);
  });

  test("hears that what is inside has failed", async () => {
    lines.length = 0;
    expect((await ask("/throws")).status).toBe(500);
    expect(lines).toEqual(["failed inside"]);
  });

  test("that does not end is stopped, one that traps is answered for, and the next request is served", async () => {
    expect((await ask("/loop")).status).toBe(504);
    const trapped = await ask("/trap");
    expect(trapped.status).toBe(502);
    expect(await trapped.json()).toMatchObject({ code: "guest_failed" });
    expect((await ask("/nowhere")).status).toBe(502);
    expect(await (await ask("/pass")).text()).toBe("passed");
  });

  test("whose handle_response does nothing has no part in answers", async () => {
    const layer = (response: string) =>
      wat(`(module (memory (export "memory") 1)
        (func (export "handle_request") (result i64) (i64.const 1))
        (func (export "handle_response") (param i32 i32) ${response}))`);
    const build = (bytes: Uint8Array<ArrayBuffer>) =>
      WasmSandbox.builder()
        .source(bytes)
        .abi("http-wasm")
        .cpuTimeout("1s")
        .callTimeout("40s")
        .build();
    await using idle = await build(layer(""));
    await using busy = await build(layer("unreachable"));
    expect([[...idle.facts.empty], [...busy.facts.empty]]).toEqual([["handle_response"], []]);
    const statusOf = async (sandbox: WasmSandbox): Promise<number> => {
      const around = new App().use(wasmMiddleware(sandbox)).get("/", () => "in");
      return (await around.fetch(new Request("http://a.example/"))).status;
    };
    expect([await statusOf(idle), await statusOf(busy)]).toEqual([200, 502]);
    expect(idle.counts.calls).toBe(1);
  });

  test("must be one for http-wasm", async () => {
    const plain = wat('(module (func (export "f")))');
    await using other = await WasmSandbox.builder().source(plain).build();
    expect(() => wasmMiddleware(other)).toThrow("this one is for plain");
  });
});

describe("several guests around a route", () => {
  const IDENTIFIES = wat(`(module
    (import "http_handler" "set_header_value" (func $set (param i32 i32 i32 i32 i32)))
    (memory (export "memory") 1) (data (i32.const 0) "X-Guest-UserAda")
    (func (export "handle_request") (result i64)
      (call $set (i32.const 0) (i32.const 0) (i32.const 12) (i32.const 12) (i32.const 3))
      (i64.const 1))
    (func (export "handle_response") (param i32 i32)))`);
  const PASSES = wat(`(module
    (import "http_handler" "get_uri" (func (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "handle_request") (result i64) (i64.const 1))
    (func (export "handle_response") (param i32 i32)))`);
  const OTHER = { identity: { user: "X-Other-User", roles: "X-Other-Roles" } };

  test("who has come is known behind those that only pass on, and no client says it", async () => {
    await using identifies = await WasmSandbox.builder().source(IDENTIFIES).build();
    await using passes = await WasmSandbox.builder().source(PASSES).build();
    const ask = async (...layers: ReturnType<typeof wasmMiddleware>[]): Promise<string> => {
      const app = new App();
      for (const layer of layers) app.use(layer);
      app.get("/", (c) => {
        const { user } = c.vars as { user?: { name: string } };
        const fields = ["x-guest-user", "x-other-user"].map(
          (name) => c.exchange.headers.get(name) ?? "",
        );
        return [user?.name ?? "nobody", ...fields].join(" ");
      });
      const headers = { "x-guest-user": "root", "x-other-user": "root" };
      return (await app.fetch(new Request("http://a.example/", { headers }))).text();
    };
    expect(await ask(wasmMiddleware(passes))).toBe("nobody  root");
    expect(await ask(wasmMiddleware(identifies), wasmMiddleware(passes))).toBe("Ada Ada root");
    expect(await ask(wasmMiddleware(passes), wasmMiddleware(identifies))).toBe("Ada Ada root");
    expect(await ask(wasmMiddleware(identifies), wasmMiddleware(passes, OTHER))).toBe("Ada Ada ");
  });
});

describe("trailers of a request", () => {
  const REQUEST =
    "POST /trailers HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n" +
    "X_Guest_User: root\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 12\r\nX-Guest-User: root\r\n\r\n";
  const guest = (imports: string, first: string): Uint8Array<ArrayBuffer> =>
    wat(`(module
      (import "http_handler" "enable_features" (func $enable (param i32) (result i32)))
      (import "http_handler" "get_header_values" (func $get (param i32 i32 i32 i32 i32) (result i64)))
      (import "http_handler" "add_header_value" (func $add (param i32 i32 i32 i32 i32)))
      ${imports}
      (memory (export "memory") 1)
      (data (i32.const 0) "x-sumx-seenX-Guest-User")
      (func (export "handle_request") (result i64)
        (drop (call $enable (i32.const 4)))
        ${first}
        (i64.const 1))
      (func (export "handle_response") (param i32 i32)))`);
  const READS = guest(
    '(import "http_handler" "read_body" (func (param i32 i32 i32) (result i64)))',
    `(drop (call $get (i32.const 2) (i32.const 0) (i32.const 5) (i32.const 64) (i32.const 8)))
     (call $add (i32.const 2) (i32.const 5) (i32.const 6) (i32.const 64) (i32.const 2))`,
  );
  const HEADERS = guest(
    "",
    "(call $add (i32.const 0) (i32.const 5) (i32.const 6) (i32.const 5) (i32.const 1))",
  );

  test.each([
    ["a guest that reads the body", READS, ["X-Sum", "12", "x-seen", "12"]],
    ["one that does not", HEADERS, ["X-Sum", "12"]],
  ])("%s has them go on, without those that only it may say", async (_, source, wanted) => {
    await using probing = await WasmSandbox.builder().source(source).cpuTimeout("2s").build();
    const app = new App().use(wasmMiddleware(probing)).post("/trailers", async (c) => {
      const body = await c.text();
      const { flat = [] } = c.exchange.body?.trailers ?? {};
      return { body, trailers: flat, user: c.exchange.headers.get("x_guest_user") };
    });
    const server = await serve(app, { port: 0 });
    try {
      const { text } = await exchangeRaw(server.port, REQUEST, { quietMs: 10_000 });
      expect(JSON.parse(text.slice(text.indexOf("\r\n\r\n")))).toEqual({
        body: "hi",
        trailers: wanted,
        user: null,
      });
    } finally {
      await server.close();
    }
  });
});

describe("a guest as handler", () => {
  test("answers, or there is nothing", async () => {
    const only = new App().get("/*", wasmHandler(sandbox)).post("/*", wasmHandler(sandbox));
    const status = async (path: string) =>
      (await only.fetch(new Request(`http://a.example${path}`))).status;
    expect(await status("/respond")).toBe(418);
    expect(await status("/pass")).toBe(404);
    expect(await status("/trap")).toBe(502);
  });

  test("as a CGI program", async () => {
    const text = `
      #include <stdio.h>
      #include <stdlib.h>
      int main(void) {
        printf("Content-Type: text/plain\\r\\nStatus: 202 Accepted\\r\\n\\r\\n");
        printf("%s %s?%s %s ", getenv("REQUEST_METHOD"), getenv("PATH_INFO"), getenv("QUERY_STRING"), getenv("HTTP_X_A"));
        int c; while ((c = getchar()) != EOF) putchar(c);
        return 0;
      }`;
    const wasi = WasmSandbox.builder().source(compileC({ text }, []));
    await using cgi = await wasi.cpuTimeout("10s").callTimeout("20s").build();
    const only = new App().post("/*", wasmHandler(cgi));
    const init = { method: "POST", body: "the body", headers: { "X-A": "b" } };
    for (let i = 0; i < 2; i++) {
      const answer = await only.fetch(new Request("http://a.example/x/y?z=1", init));
      expect(answer.status).toBe(202);
      expect(await answer.text()).toBe("POST /x/y?z=1 b the body");
    }
  });

  test.each(["Bad Name: x", "X: a\\01b", "X: a\\0dSet-Cookie: b"])(
    "what a CGI program writes as %p cannot be sent, and is said to be its fault",
    async (line) => {
      const text = `${line}\\0a\\0abody`;
      const source = wat(`(module
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 100) "${text}")
      (func (export "_start")
        (i32.store (i32.const 0) (i32.const 100))
        (i32.store (i32.const 4) (i32.const ${text.replaceAll(/\\../g, "x").length}))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 50)))))`);
      await using sandbox = await WasmSandbox.builder().source(source).build();
      const app = new App().get("/", wasmHandler(sandbox));
      const answer = await app.fetch(new Request("http://a.example/"));
      expect(await answer.json()).toMatchObject({ status: 502, code: "guest_failed" });
    },
  );

  test("must be able to answer", async () => {
    const plain = wat('(module (func (export "f")))');
    await using other = await WasmSandbox.builder().source(plain).build();
    expect(() => wasmHandler(other)).toThrow('no function "handle": it exports f');
    expect(() => wasmHandler(other, { maxBody: "much" })).toThrow("is not a size");
  });
});
