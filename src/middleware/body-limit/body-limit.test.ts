import { expect, test } from "bun:test";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { Context } from "../../core/context.ts";
import type { Source } from "../../wire/source.ts";
import { readAll, sourceFrom } from "../../wire/source.ts";
import { bodyLimit } from "./body-limit.ts";

/** A body of so many pieces of ten bytes, which knows what was asked of it. */
class Pieces implements Source {
  readonly size: number | undefined;
  pulled = 0;
  cancelled = false;
  readonly #count: number;
  constructor(count: number, known: boolean) {
    this.#count = count;
    this.size = known ? count * 10 : undefined;
  }
  async pull(): Promise<Uint8Array | null> {
    return this.pulled === this.#count || ++this.pulled === 0 ? null : new Uint8Array(10).fill(97);
  }
  cancel(): void {
    this.cancelled = true;
  }
}

const readers: Record<string, (c: Context) => unknown> = {
  text: (c) => c.text(),
  bytes: (c) => c.bytes(),
  "web stream": async (c) => new Response(c.stream()).text(),
  request: (c) => c.request.text(),
  source: async (c) => new TextDecoder().decode(await readAll(c.body as Source)),
};

for (const [name, read] of Object.entries(readers)) {
  const app = () => new App().use(bodyLimit(50)).post("/", read);

  test(`${name}: a body up to the limit passes`, async () => {
    for (const known of [true, false]) {
      const answer = await ask(app(), "/", { method: "POST", body: new Pieces(5, known) });
      expect(answer.body).toContain("a".repeat(50));
    }
  });

  test(`${name}: a body that tells it is longer is not read`, async () => {
    const body = new Pieces(6, true);
    const answer = await ask(app(), "/", { method: "POST", body });
    expect([answer.status, codeOf(answer), body.pulled]).toEqual([413, "body_too_large", 0]);
  });

  test(`${name}: a body without a length is cut off at the limit`, async () => {
    const body = new Pieces(1000, false);
    const answer = await ask(app(), "/", { method: "POST", body });
    expect([answer.status, body.cancelled]).toEqual([413, true]);
    expect(body.pulled).toBeLessThan(9);
  });
}

test("bounds forms, those with parts too", async () => {
  const app = new App().use(bodyLimit(200)).post("/", async (c) => Object.keys(await c.form()));
  const part = (text: string) =>
    `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${text}\r\n--b--\r\n`;
  const status = async (type: string, text: string) => {
    const headers = { "Content-Type": type };
    return (await ask(app, "/", { method: "POST", headers, body: sourceFrom([text]) })).status;
  };
  for (const [type, make] of [
    ["multipart/form-data; boundary=b", part],
    ["application/x-www-form-urlencoded", (text: string) => `a=${text}`],
  ] as const) {
    expect([type, await status(type, make("x"))]).toEqual([type, 200]);
    expect([type, await status(type, make("x".repeat(300)))]).toEqual([type, 413]);
  }
});

test("leaves requests without a body alone, and takes a size in words", async () => {
  const app = new App()
    .use(bodyLimit("1KiB"))
    .get("/", () => "ok")
    .post("/", (c) => c.text());
  expect((await ask(app, "/")).body).toBe("ok");
  expect((await ask(app, "/", { method: "POST", body: "x".repeat(1024) })).status).toBe(200);
  expect((await ask(app, "/", { method: "POST", body: "x".repeat(1025) })).status).toBe(413);
  expect(() => bodyLimit("big")).toThrow("is not a size");
});

test("what is told to the body of unknown length is told to the client's", async () => {
  const told: string[] = [];
  const body = Object.assign(new Pieces(1, false), {
    mayPause: () => void told.push("may pause"),
    peerEnded: () => void told.push("peer ended"),
  });
  const app = new App().use(bodyLimit(50)).post("/", (c) => {
    c.exchange.body?.mayPause?.();
    c.exchange.body?.peerEnded?.();
    return "";
  });
  await ask(app, "/", { method: "POST", body });
  expect(told).toEqual(["may pause", "peer ended"]);
});
