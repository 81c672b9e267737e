import { describe, expect, test } from "bun:test";
import { z } from "zod";
import type { HttpClientErrorCode } from "./http-client-error.ts";
import { HttpClientError } from "./http-client-error.ts";
import type { HttpClientOptions } from "./http-client.ts";
import { HttpClient } from "./http-client.ts";
import type { Fetch } from "./transmit.ts";

/** A client whose answers come from a list, and the requests it made. */
function scripted(
  answers: readonly (Response | Error)[],
  options: Partial<HttpClientOptions> = {},
): { http: HttpClient; requests: Request[] } {
  const requests: Request[] = [];
  const fetch: Fetch = async (request) => {
    const answer = answers[requests.length] ?? new Error("no more answers");
    requests.push(request);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const retry = { delayMs: 0 };
  return {
    http: new HttpClient({ base: "http://api.test/v1/", fetch, retry, ...options }),
    requests,
  };
}

async function codeOf(promise: Promise<unknown>): Promise<HttpClientErrorCode> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof HttpClientError) return error.code;
  throw new Error("expected a HttpClientError", { cause: error });
}

const failing = (status: number, headers: Record<string, string> = {}) =>
  new Response("", { status, headers });

describe("a request", () => {
  test("goes under the base, with what was given", async () => {
    const { http, requests } = scripted([Response.json({ id: 7 })], { headers: { "x-key": "k" } });
    const user = await http.post("/users/:id", {
      params: { id: "a/b" },
      query: { full: true, none: undefined },
      json: { name: "Ada" },
      headers: { "x-call": 1 },
      schema: z.object({ id: z.number() }),
    });
    expect(user.id).toBe(7);
    const [request] = requests as [Request];
    expect([request.method, request.url]).toEqual([
      "POST",
      "http://api.test/v1/users/a%2Fb?full=true",
    ]);
    expect(await request.json()).toEqual({ name: "Ada" });
    expect(
      ["content-type", "accept", "x-key", "x-call"].map((n) => request.headers.get(n)),
    ).toEqual(["application/json", "application/json", "k", "1"]);
  });

  test("never leaves the base", async () => {
    const { http, requests } = scripted([]);
    for (const path of ["/../admin", "/a/%2e%2e/../../b", "/a?b=c", "/a#b", "/\\evil.test/.."])
      await expect(http.get(path)).rejects.toThrow(TypeError);
    await expect(http.get("/a/:id", { params: { id: ".." } })).rejects.toThrow(TypeError);
    await expect(http.get("http://evil.test/")).rejects.toThrow(TypeError);
    expect(requests).toEqual([]);
  });

  test("carries on a trace, if it is one", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const sent = async (fields: Record<string, string>) => {
      const { http, requests } = scripted([Response.json(1)]);
      await http.get("/", { context: { requestHeaders: new Headers(fields) } });
      return [requests[0]?.headers.get("traceparent"), requests[0]?.headers.get("tracestate")];
    };
    expect(await sent({ traceparent, tracestate: "a=1" })).toEqual([traceparent, "a=1"]);
    expect(await sent({ traceparent: "nonsense", tracestate: "a=1" })).toEqual([null, null]);
    expect(await sent({ traceparent: traceparent.replace("00-", "ff-") })).toEqual([null, null]);
  });
});

describe("tries again", () => {
  test("what is idempotent, up to the limit", async () => {
    const { http, requests } = scripted([new Error("refused"), failing(503), Response.json("ok")]);
    expect(await http.get("/")).toBe("ok");
    expect(requests).toHaveLength(3);
    const never = scripted([failing(503), failing(503), failing(503), Response.json("late")]);
    expect(await codeOf(never.http.get("/"))).toBe("bad_status");
    expect(never.requests).toHaveLength(3);
  });

  test("with its body", async () => {
    const { http, requests } = scripted([failing(502), Response.json("ok")]);
    expect(await http.put("/", { json: { a: 1 } })).toBe("ok");
    expect(await Promise.all(requests.map((request) => request.text()))).toEqual([
      '{"a":1}',
      '{"a":1}',
    ]);
  });

  test("not what is not, nor a stream, nor other errors", async () => {
    const post = scripted([failing(503)]);
    expect(await codeOf(post.http.post("/"))).toBe("bad_status");
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
    const streamed = scripted([failing(503)]);
    expect(await codeOf(streamed.http.put("/", { body }))).toBe("bad_status");
    const wrong = scripted([failing(500)]);
    expect(await codeOf(wrong.http.get("/"))).toBe("bad_status");
    const counts = [post, streamed, wrong].map(({ requests }) => requests.length);
    expect(counts).toEqual([1, 1, 1]);
  });

  test("a POST that has a key or is declared safe", async () => {
    const keyed = scripted([failing(503), Response.json("ok")]);
    expect(await keyed.http.post("/", { headers: { "idempotency-key": "1" } })).toBe("ok");
    const declared = scripted([failing(429), Response.json("ok")], {
      retry: { methods: ["POST"], delayMs: 0 },
    });
    expect(await declared.http.post("/")).toBe("ok");
  });

  test("when the server says, and not at all when that is too late", async () => {
    const soon = scripted([failing(429, { "retry-after": "0" }), Response.json("ok")], {
      retry: { delayMs: 1e9, maxDelayMs: 1e9 },
    });
    expect(await soon.http.get("/")).toBe("ok");
    const late = scripted([failing(429, { "retry-after": "3600" })]);
    expect(await codeOf(late.http.get("/"))).toBe("bad_status");
    expect(late.requests).toHaveLength(1);
  });
});

describe("ends with a typed error", () => {
  const cases: [string, Response | Error, HttpClientErrorCode][] = [
    ["no connection", new Error("refused"), "unreachable"],
    ["an error status", failing(404), "bad_status"],
    ["no JSON", new Response("{", { headers: { "content-type": "application/json" } }), "bad_body"],
    ["another type", new Response("hello"), "bad_body"],
    ["what the schema refuses", Response.json({ id: "x" }), "bad_body"],
    ["too much", Response.json({ id: "x".repeat(200) }), "too_large"],
  ];
  for (const [name, answer, code] of cases) {
    test(name, async () => {
      const { http } = scripted([answer], { retry: 0, maxResponse: 100 });
      const schema = z.object({ id: z.number() });
      expect(await codeOf(http.get("/", { schema }))).toBe(code);
    });
  }

  test("a body that breaks off", async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
    const { http } = scripted([new Response(body)]);
    expect(await codeOf(http.get("/"))).toBe("unreachable");
  });

  test("that has the problem document and no secrets of the query", async () => {
    const problem = { code: "no_user", detail: "There is no such user." };
    const { http } = scripted([Response.json(problem, { status: 404 })]);
    const error = await http.get("/users", { query: { token: "secret" } }).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 404, facts: { problem } });
    expect((error as Error).message).toBe(
      "GET http://api.test/v1/users: status 404: There is no such user.",
    );
  });
});

describe("time", () => {
  const never: Fetch = () => new Promise(() => {});

  test("is up for one try, and for all of them", async () => {
    const one = new HttpClient({ base: "http://a", fetch: never, responseTimeout: 5, retry: 0 });
    expect(await codeOf(one.get("/"))).toBe("timed_out");
    const all = new HttpClient({ base: "http://a", fetch: never, timeout: 5 });
    expect(await codeOf(all.get("/"))).toBe("timed_out");
  });

  test("is up while the answer is read", async () => {
    const fetch: Fetch = async () => new Response(new ReadableStream());
    const http = new HttpClient({ base: "http://a", fetch, timeout: 5 });
    expect(await codeOf(http.get("/"))).toBe("timed_out");
  });

  test("is up in a pause", async () => {
    const { http } = scripted([failing(503)], {
      timeout: 5,
      retry: { delayMs: 1e9, maxDelayMs: 1e9 },
    });
    expect(await codeOf(http.get("/"))).toBe("timed_out");
  });

  test("is the caller's: its reason is kept", async () => {
    const http = new HttpClient({ base: "http://a", fetch: never });
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(http.get("/", { signal })).rejects.toThrow("enough");
  });
});

test("hooks see every try and may replace what goes and comes", async () => {
  const seen: string[] = [];
  const { http } = scripted([new Error("refused"), Response.json("first")], {
    hooks: {
      before: (request) => {
        const signed = new Request(request, { headers: { "x-signed": "1" } });
        seen.push(`before ${request.method}`);
        return signed;
      },
      after: (_response, request) => {
        seen.push(`after ${request.headers.get("x-signed")}`);
        return Response.json("second");
      },
      error: (error, _request, sent) => void seen.push(`error ${(error as Error).message} ${sent}`),
    },
  });
  expect(await http.get("/")).toBe("second");
  expect(seen).toEqual(["before GET", "error refused 1", "before GET", "after 1"]);
});

test("an answer as it is, whatever its status", async () => {
  const { http } = scripted([new Response("gone", { status: 410 })]);
  const response = await http.fetch("GET", "/old");
  expect([response.status, await response.text()]).toEqual([410, "gone"]);
});

test("no content is undefined", async () => {
  const { http } = scripted([new Response(null, { status: 204 })]);
  expect(await http.delete("/users/7")).toBeUndefined();
});

test("settings that cannot be are refused at once", () => {
  for (const wrong of [{ timeout: -1 }, { responseTimeout: Number.NaN }, { retry: 1.5e9 }]) {
    expect(() => new HttpClient({ base: "http://a", ...wrong })).toThrow(RangeError);
  }
  for (const base of ["", "/path", "file:///a"]) {
    expect(() => new HttpClient({ base })).toThrow(TypeError);
  }
});
