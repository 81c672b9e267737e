import { describe, expect, test } from "bun:test";
import type { Answer } from "../../../test/middleware/asking.ts";
import { ask } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import { middleware } from "../../core/middleware.ts";
import type { CorsOptions } from "./cors.ts";
import { cors } from "./cors.ts";

const app = (options?: CorsOptions) =>
  new App()
    .use(cors(options))
    .get("/", () => "ok")
    .put("/", () => "put")
    .get("/bad", () => {
      throw new Error("broken");
    });

const from = (options: CorsOptions | undefined, origin: string, target = "/"): Promise<Answer> =>
  ask(app(options), target, { headers: { Origin: origin } });

function preflight(
  options: CorsOptions | undefined,
  headers: Record<string, string>,
): Promise<Answer> {
  return ask(app(options), "/", {
    method: "OPTIONS",
    headers: { Origin: "https://a.example", "Access-Control-Request-Method": "PUT", ...headers },
  });
}

describe("origins", () => {
  test("any may, without credentials, unless told otherwise", async () => {
    const { body, headers } = await from(undefined, "https://a.example");
    expect(body).toBe("ok");
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(headers["access-control-allow-credentials"]).toBeUndefined();
    expect(headers.vary).toBeUndefined();
  });

  const credentials = true;
  const cases: [CorsOptions["origin"], string[], string[]][] = [
    [
      "https://a.example",
      ["https://a.example"],
      [
        "http://a.example",
        "https://a.example:8443",
        "https://A.example",
        "https://a.example.evil.test",
        "null",
        "",
        "*",
      ],
    ],
    [["https://a.example", "null"], ["https://a.example", "null"], ["https://b.example"]],
    [
      /https:\/\/[a-z]+\.app\.example/,
      ["https://x.app.example"],
      [
        "https://x.app.example.evil.test",
        "https://evil.test/https://x.app.example",
        "https://x.app.example:1",
        "https://x.app.example, https://evil.test",
        "null",
      ],
    ],
    [
      [/https:\/\/a\.example|https:\/\/b\.example/g],
      ["https://a.example", "https://b.example"],
      ["https://b.example.evil.test"],
    ],
    [/.*/, ["https://any.example"], ["null", "javascript:alert(1)", `https://${"a".repeat(400)}`]],
    [
      async (origin) => origin.endsWith(".example"),
      ["https://a.example"],
      ["https://a.test", "null", "https://evil.test/.example", "https://evil.test#.example"],
    ],
  ];
  for (const [origin, allowed, refused] of cases) {
    test(`${origin?.toString()} takes ${allowed.join(" and ")} only`, async () => {
      for (const one of allowed) {
        // Twice, for patterns that remember where they were.
        for (let i = 0; i < 2; i++) {
          const { headers } = await from({ origin: origin as never, credentials }, one);
          expect([one, headers["access-control-allow-origin"]]).toEqual([one, one]);
          expect(headers["access-control-allow-credentials"]).toBe("true");
          expect(headers.vary).toBe("Origin");
        }
      }
      for (const one of refused) {
        const { status, headers } = await from({ origin: origin as never, credentials }, one);
        expect([one, status, headers["access-control-allow-origin"]]).toEqual([
          one,
          200,
          undefined,
        ]);
        expect(headers["access-control-allow-credentials"]).toBeUndefined();
        expect(headers.vary).toBe("Origin");
      }
    });
  }

  test("of requests without one are none, and caches are told all the same", async () => {
    const { headers } = await ask(app({ origin: "https://a.example" }), "/");
    expect([headers.vary, headers["access-control-allow-origin"]]).toEqual(["Origin", undefined]);
  });

  test("are on errors and on what is missing too", async () => {
    for (const target of ["/bad", "/missing"]) {
      const { headers } = await from({ origin: "https://a.example" }, "https://a.example", target);
      expect(headers["access-control-allow-origin"]).toBe("https://a.example");
    }
  });
});

describe("preflights", () => {
  test("are answered before whoever asks who somebody is", async () => {
    const signedIn = middleware("signed-in", () => new Response("who?", { status: 401 }));
    const inner = new App().use(cors(), signedIn).put("/", () => "put");
    const answer = await ask(inner, "/", {
      method: "OPTIONS",
      headers: { Origin: "https://a.example", "Access-Control-Request-Method": "PUT" },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers["access-control-allow-methods"]).toBe("PUT");
  });

  test("allow what is asked for unless told what", async () => {
    const asked = { "Access-Control-Request-Headers": "content-type, x-a" };
    const { status, headers } = await preflight(undefined, asked);
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "PUT",
      "access-control-allow-headers": "content-type, x-a",
      "access-control-max-age": "600",
      vary: "Access-Control-Request-Method, Access-Control-Request-Headers",
    });
    const options = {
      origin: "https://a.example",
      methods: ["GET", "PUT"],
      allowHeaders: ["Content-Type"],
      maxAge: "1h",
    };
    expect((await preflight(options, asked)).headers).toMatchObject({
      "access-control-allow-methods": "GET, PUT",
      "access-control-allow-headers": "Content-Type",
      "access-control-max-age": "3600",
      vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    });
  });

  test("of others allow nothing", async () => {
    const { headers } = await preflight({ origin: "https://b.example" }, {});
    const given = Object.keys(headers).filter((name) => name.startsWith("access-control"));
    expect(given).toEqual([]);
    expect(headers.vary).toContain("Origin");
  });

  test("give back names only", async () => {
    const odd = {
      "Access-Control-Request-Method": "PUT, *",
      "Access-Control-Request-Headers": "x-a, <script>, x b,, x-c",
    };
    const { headers } = await preflight(undefined, odd);
    expect(headers["access-control-allow-methods"]).toBeUndefined();
    expect(headers["access-control-allow-headers"]).toBe("x-a, x-c");
  });

  test("open a private network only when told to", async () => {
    const asked = { "Access-Control-Request-Private-Network": "true" };
    const name = "access-control-allow-private-network";
    expect((await preflight(undefined, asked)).headers[name]).toBeUndefined();
    expect((await preflight({ privateNetwork: true }, asked)).headers[name]).toBe("true");
    expect((await preflight({ privateNetwork: true }, {})).headers[name]).toBeUndefined();
  });

  test("are not every OPTIONS", async () => {
    const { headers } = await ask(app(), "/", { method: "OPTIONS" });
    expect(headers.allow).toBe("GET, HEAD, OPTIONS, PUT");
  });
});

test("pages may read what is exposed", async () => {
  const { headers } = await from({ exposeHeaders: ["X-Total", "ETag"] }, "https://a.example");
  expect(headers["access-control-expose-headers"]).toBe("X-Total, ETag");
});

test("refuses what would open more than it looks", () => {
  expect(() => cors({ credentials: true })).toThrow("list the origins");
  expect(() => cors({ origin: ["*"], credentials: true })).toThrow("stands alone");
  for (const origin of ["https://a.example/", "a.example", "https://A.example", "https://a b", ""])
    expect(() => cors({ origin })).toThrow("is no origin");
  expect(() => cors({ methods: ["GET\r\nX: y"] })).toThrow("is no name");
  expect(() => cors({ allowHeaders: ["a b"] })).toThrow("is no name");
});
