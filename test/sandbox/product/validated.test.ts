import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { z } from "zod";
import { App } from "../../../src/core/app.ts";
import { WasmSandbox, validated } from "../../../src/sandbox/index.ts";
import { compileC, FREESTANDING } from "../guests/toolchain.ts";

// Guests are stopped by a clock, and the machine may be busy.
setDefaultTimeout(60_000);

/** Echoes its input; with a 7 as first number in it asks for a page first, which it may not. */
const guest = compileC(
  {
    text: `
    #include "extism.h"
    block_t EXTISM_IMPORT(http_request, http_request)(block_t request, block_t body);
    static block_t text(const char *from, u64 n) {
      block_t h = block(n);
      for (u64 i = 0; i < n; i++) put_byte(h + i, (unsigned char)from[i]);
      return h;
    }
    int EXPORT(handle)(void) {
      static const char url[] = "{\\"url\\":\\"http://127.0.0.1/\\"}";
      static const char no[] = "sold out";
      u64 n = input_length();
      block_t h = block(n);
      for (u64 i = 0; i < n; i++) {
        unsigned char c = input_byte(i);
        if (c == '7') http_request(text(url, sizeof url - 1), 0);
        if (c == '8') { set_error(text(no, sizeof no - 1)); return 1; }
        put_byte(h + i, c);
      }
      set_output(h, n);
      return 0;
    }`,
  },
  [...FREESTANDING, "-Iexamples/sandbox/include"],
);

const sandbox = await WasmSandbox.builder()
  .source(guest)
  .cpuTimeout("2s")
  .callTimeout("20s")
  .build();
afterAll(() => sandbox.dispose());

const app = new App().post("/orders", validated(z.object({ id: z.coerce.number() }), sandbox));

async function send(body: string): Promise<{ status: number; body: unknown }> {
  const answer = await app.fetch(new Request("http://a.example/orders", { method: "POST", body }));
  return { status: answer.status, body: await answer.json() };
}

test("hands on what the schema made of the input", async () => {
  expect(await send('{"id":"1","more":true}')).toEqual({ status: 200, body: { id: 1 } });
});

test("refuses input that does not fit before the guest sees it", async () => {
  const { status, body } = await send('{"id":"one"}');
  expect(status).toBe(422);
  expect(body).toMatchObject({ code: "invalid_input", errors: [{ in: "body", path: ["id"] }] });
  expect((await send("{")).status).toBe(400);
});

test("drops the answer of a guest that tried what it may not", async () => {
  const { status, body } = await send('{"id":7}');
  expect(status).toBe(403);
  expect(body).toMatchObject({ code: "guest_violation" });
});

test("gives a guest's own refusal", async () => {
  expect(await send('{"id":8}')).toMatchObject({
    status: 422,
    body: { code: "guest_error", detail: "sold out" },
  });
});

test("wants an export that is there", () => {
  expect(() => validated(z.unknown(), sandbox, { call: "process" })).toThrow(
    'no function "process"',
  );
});
