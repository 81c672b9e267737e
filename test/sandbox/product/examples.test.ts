import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { App } from "../../../src/core/app.ts";
import { WasmSandbox, wasmHandler, wasmMiddleware } from "../../../src/sandbox/index.ts";
import type { SandboxBuilder } from "../../../src/sandbox/builder.ts";
import type { ExecutorKind } from "../../../src/sandbox/executor/executor.ts";
import { builtGuests } from "./guests.ts";
import { SECRET, token } from "./tokens.ts";

// Guests are stopped by a clock, and the machine may be busy.
setDefaultTimeout(60_000);

const folder = await builtGuests(
  "jwt-verifier",
  "rate-limiter",
  "json-sanitiser",
  "data-processor",
);
const open: WasmSandbox[] = [];
afterAll(() => Promise.all(open.map((sandbox) => sandbox.dispose())));

async function sandboxOf(
  name: string,
  change = (builder: SandboxBuilder) => builder,
): Promise<WasmSandbox> {
  // The machine may be busy with other tests.
  const builder = WasmSandbox.builder()
    .source(join(folder, `${name}.wasm`))
    .cpuTimeout("10s")
    .callTimeout("20s");
  const sandbox = await change(builder).build();
  open.push(sandbox);
  return sandbox;
}

const executors: ExecutorKind[] = ["worker", "process"];

describe.each(executors)("the JWT verifier, %s", (executor) => {
  const app = sandboxOf("jwt-verifier", (b) => b.executor(executor).config({ "": SECRET })).then(
    (sandbox) =>
      new App()
        .use(wasmMiddleware(sandbox, { name: "verify" }))
        .get("/me", ({ vars, requestHeaders }) => ({
          user: vars.user,
          sent: requestHeaders.get("x-guest-user"),
        })),
  );
  const ask = async (authorization?: string, headers: Record<string, string> = {}) =>
    (await app).fetch(
      new Request("http://a.example/me", {
        headers: { ...headers, ...(authorization !== undefined && { authorization }) },
      }),
    );

  test("a good token says who has come", async () => {
    const answer = await ask(`Bearer ${await token({ sub: "ada", roles: ["admin", "ops"] })}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      user: { name: "ada", roles: ["admin", "ops"] },
      sent: "ada",
    });
  });

  test("a client cannot say who it is itself", async () => {
    const headers = { "X-Guest-User": "root", "x-guest-roles": "admin" };
    const answer = await ask(`Bearer ${await token({ sub: "eve" })}`, headers);
    expect(await answer.json()).toEqual({ user: { name: "eve", roles: [] }, sent: "eve" });
  });

  test("no token, and a broken one", async () => {
    const answer = await ask();
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(await answer.json()).toMatchObject({ status: 401, code: "token_invalid" });
    expect((await ask("Bearer a.b.c")).status).toBe(401);
  });
});

describe("the JWT verifier refuses", () => {
  const app = sandboxOf("jwt-verifier", (b) => b.config({ "": SECRET })).then((sandbox) =>
    new App().use(wasmMiddleware(sandbox)).get("/", () => "in"),
  );
  const statusOf = async (authorization: string): Promise<number> =>
    (await (await app).fetch(new Request("http://a.example/", { headers: { authorization } })))
      .status;
  const unsigned = (head: object, claims: object): string =>
    [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");

  test.each([
    [
      "another secret",
      () => token({ sub: "ada" }, { secret: "another secret of thirty-two bytes!" }),
    ],
    ["another algorithm", () => token({ sub: "ada" }, { alg: "HS512" })],
    ["none as algorithm", async () => `${unsigned({ alg: "none" }, { sub: "ada", exp: 9e9 })}.`],
    ["what has expired", () => token({ sub: "ada", exp: 1 }, { expires: false })],
    ["what does not expire", () => token({ sub: "ada" }, { expires: false })],
    ["what begins later", () => token({ sub: "ada", nbf: 9_000_000_000 })],
    ["nobody", () => token({})],
    ["a name of two lines", () => token({ sub: "a\nb" })],
    [
      "an exp inside of another member",
      () => token({ sub: "ada", a: { exp: 9e9 } }, { expires: false }),
    ],
    ["a signature cut short", async () => (await token({ sub: "ada" })).slice(0, -1)],
    ["a token with more parts", async () => `${await token({ sub: "ada" })}.x`],
  ])("%s", async (_name, make) => {
    expect(await statusOf(`Bearer ${await make()}`)).toBe(401);
  });

  test("another spelling of a signature", async () => {
    const good = await token({ sub: "ada" });
    expect(await statusOf(`bearer ${good}`)).toBe(200);
    // The last character has two bits that mean nothing.
    const last = good.at(-1) as string;
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const other = alphabet[alphabet.indexOf(last) ^ 1] as string;
    expect(await statusOf(`Bearer ${good.slice(0, -1)}${other}`)).toBe(401);
    expect(await statusOf(`Basic ${good}`)).toBe(401);
  });

  test("all, without a secret, and says so", async () => {
    const lines: string[] = [];
    const sandbox = await sandboxOf("jwt-verifier", (b) => b.onLog(({ text }) => lines.push(text)));
    const bare = new App().use(wasmMiddleware(sandbox)).get("/", () => "in");
    const headers = { authorization: `Bearer ${await token({ sub: "ada" })}` };
    const answer = await bare.fetch(new Request("http://a.example/", { headers }));
    expect(answer.status).toBe(502);
    expect(lines).toEqual(["the setting must be a secret of 32 to 1024 bytes"]);
  });
});

test("the rate limiter counts over calls, and says when to come again", async () => {
  const sandbox = await sandboxOf("rate-limiter", (b) => b.config({ "": "3" }));
  const app = new App().use(wasmMiddleware(sandbox, { name: "limit" })).get("/", () => "in");
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => app.fetch(new Request("http://a.example/"))),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 429, 429]);
  const late = answers.find(({ status }) => status === 429) as Response;
  expect(late.headers.get("retry-after")).toBe("60");
  expect(late.headers.get("content-type")).toBe("text/plain");
  expect(await late.text()).toBe("too many requests: wait a minute\n");
});

describe("the JSON sanitiser", () => {
  const app = sandboxOf("json-sanitiser").then((sandbox) =>
    new App().use(wasmMiddleware(sandbox)).post("/", (c) => c.text()),
  );
  const send = async (body: string, type = "application/json") => {
    const headers = { "content-type": type };
    const request = new Request("http://a.example/", { method: "POST", body, headers });
    const answer = await (await app).fetch(request);
    return { status: answer.status, text: await answer.text() };
  };

  test.each([
    ['{ "a" : [ 1 , -2.5e+3 , true , null ] }', '{"a":[1,-2.5e+3,true,null]}'],
    ['{"a":"<script>&"}', '{"a":"\\u003cscript\\u003e\\u0026"}'],
    ['{"a":"\\u003Cb\\u0041\\u00e4\\ud83d\\ude00"}', '{"a":"\\u003cbA\\u00e4\\ud83d\\ude00"}'],
    ['"a\\u0000b\\u0007c\\bd\\u000ae"', '"abcd\\u000ae"'],
    ['"\\u0022\\u005c"', '"\\"\\\\"'],
    ['{"__proto__":{"a":1},"b":2}', '{"b":2}'],
    ['{"b":2,"constructor":[1,{"c":3}],"d":{"prototype":1}}', '{"b":2,"d":{}}'],
    ['{"\\u005f_proto__":1}', "{}"],
    ["[]", "[]"],
    [" 0 ", "0"],
    ['"grüß 😀"', '"grüß 😀"'],
    ["", ""],
  ])("%p becomes %p", async (given, expected) => {
    expect(await send(given)).toEqual({ status: 200, text: expected });
    if (expected !== "") JSON.parse(expected);
  });

  test.each([
    "{",
    "[1,]",
    "{,}",
    '{"a":1,}',
    "01",
    "1.",
    "-",
    "nul",
    '"a',
    '"\\x"',
    '"\\u12g4"',
    "[1] 2",
    '"a\nb"',
    "{a:1}",
    "[".repeat(70),
  ])("%p is refused", async (given) => {
    const { status, text } = await send(given);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ code: "json_invalid" });
  });

  test("agrees with JSON.parse on what is JSON", async () => {
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"',
      "1",
      "-",
      ".5",
      "e3",
      "true",
      "null",
      " ",
      "\\u0041",
    ];
    let seed = 7;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let i = 0; i < 400; i++) {
      const text = Array.from({ length: 1 + next(6) }, () => pieces[next(pieces.length)]).join("");
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = text.trim() === "" && text === "";
      }
      expect([text, (await send(text)).status]).toEqual([text, isJson ? 200 : 400]);
    }
  });

  test("leaves alone what is no JSON, and takes only so much", async () => {
    expect(await send("<b>{", "text/plain")).toEqual({ status: 200, text: "<b>{" });
    expect((await send(`"${"a".repeat(70_000)}"`)).status).toBe(413);
    expect(await send('{"<":1}', "application/hal+json; charset=utf-8")).toEqual({
      status: 200,
      text: '{"\\u003c":1}',
    });
  });
});

test("the data processor, as a handler and called", async () => {
  const sandbox = await sandboxOf("data-processor");
  const figures = { count: 3, sum: 6, mean: 2, min: 1, max: 3 };
  expect(await sandbox.call<object>("process_request", { data: [1, 2, 3] })).toEqual(figures);
  const app = new App().post("/stats", wasmHandler(sandbox, { call: "process_request" }));
  const send = (body: string) =>
    app.fetch(new Request("http://a.example/stats", { method: "POST", body }));
  const answer = await send("[1, 2, 3]");
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.json()).toEqual(figures);
  const refused = await send('{"data":[1,"x"]}');
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({
    code: "guest_error",
    detail: "item 1 of data is no number",
  });
});
