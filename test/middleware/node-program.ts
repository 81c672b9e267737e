// Bundled for Node and run there: what differs between runtimes lies behind runtime/platform.ts.
import assert from "node:assert";
import zlib from "node:zlib";
import { App } from "../../src/index.ts";
import { forwardAuth } from "../../src/auth/forward-auth/forward-auth.ts";
import * as layers from "../../src/middleware/index.ts";

const words = "many words ".repeat(1000);

async function* events() {
  yield "data: 1\n\n";
  yield "data: 2\n\n";
}

const app = new App()
  .use(
    layers.trustedProxy({ trust: ["loopback"] }),
    layers.requestId(),
    layers.securityHeaders({ nonces: true }),
    layers.rateLimit({ limit: 3, key: { header: "X-Api-Key" } }),
    layers.timeout("1m"),
    layers.bodyLimit(1000),
    layers.rewrite([{ strip: "/api" }]),
    layers.compress(),
    layers.etag(),
  )
  .get("/words", () => words)
  .get("/events", (c) => c.stream(events(), "text/event-stream"))
  .post("/echo", async (c) => c.text(await c.text()));

/** Behind a service, and with an answer that is changed. */
const guarded = new App()
  .use(
    forwardAuth({
      url: "http://auth.test/",
      copyHeaders: ["Remote-User"],
      fetch: async (_url, { headers }) =>
        (headers as Headers).get("cookie") === "session=1"
          ? new Response(null, { status: 204, headers: { "Remote-User": "ada" } })
          : new Response("who?", { status: 401 }),
    }),
    layers.rewriteHeaders({ response: { set: { "X-Path": "${path}" } }, values: true }),
    layers.rewriteResponse({
      status: { 404: 410 },
      body: [{ from: "~h(.)llo", to: "H$1llo ${host}" }],
    }),
  )
  .get("/", (c) => c.html(`hello ${c.requestHeaders.get("remote-user")} é`));

const decoders = {
  br: zlib.brotliDecompressSync,
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
};

let key = 0;
function ask(path: string, headers: Record<string, string> = {}, init: RequestInit = {}) {
  const own = { "X-Api-Key": String(++key), ...headers };
  return app.fetch(new Request(`http://localhost${path}`, { headers: own, ...init }));
}

async function main(): Promise<void> {
  for (const [coding, decode] of Object.entries(decoders)) {
    for (const [path, text] of [
      ["/api/words", words],
      ["/events", "data: 1\n\ndata: 2\n\n"],
    ] as const) {
      const answer = await ask(path, { "Accept-Encoding": coding });
      assert.equal(answer.headers.get("content-encoding"), coding);
      assert.equal(decode(await answer.arrayBuffer()).toString(), text);
      assert.match(answer.headers.get("content-security-policy") ?? "", /'nonce-/);
    }
  }
  const stranger = await guarded.fetch(new Request("http://localhost/"));
  assert.deepEqual([stranger.status, await stranger.text()], [401, "who?"]);
  const known = { headers: { Cookie: "session=1", "Remote-User": "root" } };
  const letIn = await guarded.fetch(new Request("http://localhost/", known));
  assert.equal(await letIn.text(), "Hello localhost ada é");
  assert.equal(letIn.headers.get("x-path"), "/");
  assert.equal((await guarded.fetch(new Request("http://localhost/x", known))).status, 410);
  const tag = (await ask("/words")).headers.get("etag") ?? "";
  assert.equal((await ask("/words", { "If-None-Match": tag })).status, 304);
  const statuses = [1, 2, 3, 4].map(
    async () => (await ask("/words", { "X-Api-Key": "same" })).status,
  );
  assert.deepEqual((await Promise.all(statuses)).toSorted(), [200, 200, 200, 429]);
  const body = "x".repeat(1001);
  assert.equal((await ask("/echo", {}, { method: "POST", body })).status, 413);
  const same = await ask("/echo", { "X-Request-Id": "edge-1" }, { method: "POST", body: "hi" });
  assert.equal(await same.text(), "hi");
  assert.equal(same.headers.get("x-request-id"), "edge-1");
}

main().then(
  () => console.log("all is well"),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
