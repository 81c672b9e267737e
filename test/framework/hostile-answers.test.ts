import { describe, expect, test } from "bun:test";
import { App, error, middleware, Reply } from "../../src/index.ts";
import type { Context, Middleware, Next } from "../../src/index.ts";
import { ask } from "./ask.ts";

/* oxlint-disable no-explicit-any -- what handlers without types can do */
type Untyped = (c: Context) => any;

const app = (handler: Untyped): App => new App().get("/", handler as never) as never;

/** How a handler that fails is answered: without internals, with an id that the log has. */
async function expectReported(target: Pick<App, "fetch">, line = "/"): Promise<unknown> {
  const { told, restore } = listenToConsole();
  try {
    const { status, json } = await ask(target, line);
    expect([status, json.code]).toEqual([500, "internal"]);
    expect(told.length).toBe(1);
    const [text, cause] = told[0] as [string, unknown];
    expect(text).toContain(json.id);
    return cause;
  } finally {
    restore();
  }
}

function listenToConsole() {
  const told: unknown[][] = [];
  const { error: real } = console;
  console.error = (...args) => void told.push(args);
  return { told, restore: () => void (console.error = real) };
}

const cyclic: Record<string, unknown> = {};
cyclic["self"] = cyclic;

/** Cannot be looked at. */
const sealed = new Proxy(
  {},
  {
    get: () => {
      throw new Error("trap");
    },
    has: () => {
      throw new Error("trap");
    },
    getPrototypeOf: () => {
      throw new Error("trap");
    },
  },
);

async function used(): Promise<Response> {
  const response = new Response("x");
  await response.text();
  return response;
}

describe("no text of an answer begins another header", () => {
  const evil = "text/plain\r\nSet-Cookie: a=b";
  const cases: [string, Untyped][] = [
    ["the type of a download", (c) => c.download("x", "a.txt", evil)],
    ["the type of a stream", (c) => c.stream(new Blob(["x"]).stream(), evil)],
    ["a status", (c) => c.text("x", "200\r\nSet-Cookie: a=b" as never)],
  ];
  test.each(cases)("%s", async (_what, handler) => {
    expect(await expectReported(app(handler))).toBeInstanceOf(Error);
  });
});

describe("a status", () => {
  test.each([0, 99, 100, 101, 103, 199, 200.5, 600, 1000, NaN])("%p is refused", async (status) => {
    expect(() => new Reply(null, status)).toThrow("use 200 to 599");
    await expectReported(app((c) => c.text("x", status)));
    await expectReported(app((c) => c.json({}, status)));
  });

  test("of a Response is an answer's too", async () => {
    // Other runtimes make none.
    const switching = Object.defineProperty(new Response(null), "status", { value: 101 });
    await expectReported(app(() => switching));
  });
});

test("half a surrogate pair in a location is no error of the server", async () => {
  const answer = await ask(
    app((c) => c.redirect("/a\ud800b")),
    "/",
  );
  expect([answer.status, answer.headers.get("location")]).toEqual([302, "/a%EF%BF%BDb"]);
});

describe("a body of what is neither text nor bytes breaks off", () => {
  const streamOf = (chunk: unknown) =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(chunk);
        controller.close();
      },
    });
  async function* endless(chunk: unknown, ended: () => void) {
    try {
      for (;;) yield chunk;
    } finally {
      ended();
    }
  }
  for (const chunk of [{ a: 1 }, 5, null, undefined, new Uint16Array([1])]) {
    test(`${typeof chunk} ${String(chunk)}`, async () => {
      let ended = false;
      const sources = [() => streamOf(chunk), () => endless(chunk, () => (ended = true))];
      for (const source of sources) {
        const response = await app(source).fetch(new Request("http://localhost/"));
        expect(response.text()).rejects.toThrow("a body is made of text or bytes");
        await response.text().catch(() => {});
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(ended).toBe(true);
    });
  }

  test("and text in a web stream is text", async () => {
    expect(
      (
        await ask(
          app(() => streamOf("tèxt")),
          "/",
        )
      ).text,
    ).toBe("tèxt");
  });
});

describe("an error that cannot be answered as it is", () => {
  const Bad = error(400, "bad");
  const cases: [string, () => unknown][] = [
    ["members that are no JSON", () => new Bad("x", { members: { n: 1n } })],
    ["members in a circle", () => new Bad("x", { members: cyclic })],
    ["what cannot be looked at", () => sealed],
  ];
  test.each(cases)("%s", async (_what, make) => {
    const fail = () => {
      throw make();
    };
    await expectReported(app(fail));
    await expectReported(app(async () => fail()));
  });

  test("a Response that was sent already", async () => {
    await expectReported(
      app(async () => {
        throw await used();
      }),
    );
  });
});

describe("an answer of onError that is none", () => {
  const cases: [string, () => any][] = [
    ["a circle", () => cyclic],
    ["a bigint", () => 1n],
    ["a symbol", () => Symbol("s")],
    ["a bigint, later", async () => 1n],
    [
      "a thenable that fails",
      // oxlint-disable-next-line no-thenable
      () => Object.fromEntries([["then", (_: unknown, no: any) => no(new Error("x"))]]),
    ],
    ["a Response that was sent already", used],
    ["what cannot be looked at", () => sealed],
  ];
  test.each(cases)("%s", async (_what, answer) => {
    for (const handler of [() => fail(), async () => fail()]) {
      await expectReported(new App().onError(answer).get("/", handler) as never);
    }
    function fail(): never {
      throw new Error("first");
    }
  });
});

describe("a middleware", () => {
  test("that answers nothing is named", async () => {
    const forgetful = middleware("forgetful", (async (_c: Context, next: Next) => {
      await next();
    }) as never);
    const silent = (() => {}) as unknown as Middleware;
    for (const [layer, name] of [
      [forgetful, "forgetful"],
      [silent, "silent"],
    ] as const) {
      const cause = await expectReported(new App().use(layer).get("/", () => "x") as never);
      expect(String(cause)).toContain(`the middleware "${name}" answered nothing`);
    }
  });

  test("that does not wait for what is inside ends no process when that fails", async () => {
    const hasty = middleware("hasty", (_c: Context, next: Next) => {
      void next();
      return new Response("early");
    });
    const { told, restore } = listenToConsole();
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      for (const later of [false, true]) {
        const failing = () => {
          const failure = new Error("inside");
          if (later) return Promise.reject(failure);
          throw failure;
        };
        const target = new App().use(hasty).get("/", failing);
        expect((await ask(target, "/")).text).toBe("early");
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(unhandled).toEqual([]);
      expect(told.length).toBe(2);
    } finally {
      process.off("unhandledRejection", note);
      restore();
    }
  });
});

test("the signal of a request that was given up before is aborted", async () => {
  const request = new Request("http://localhost/", { signal: AbortSignal.abort("gone") });
  const response = await app((c) => String(c.signal.aborted)).fetch(request);
  expect(await response.text()).toBe("true");
});

test("a Blob is its bytes, under its type", async () => {
  const target = new App().get("/", () => new Blob(["héllo"], { type: "text/x-own" }));
  const reply = await target.fetch(new Request("http://a.example/"));
  expect([reply.headers.get("content-type"), await reply.text()]).toEqual(["text/x-own", "héllo"]);
});

test("Apps that are mounted in a circle are told of it", () => {
  const [one, other] = [new App(), new App()];
  one.route("/a", other);
  other.route("/b", one);
  for (const each of [one, other, new App().route("/c", one)]) {
    expect(() => each.routes()).toThrow("in a circle");
  }
});
