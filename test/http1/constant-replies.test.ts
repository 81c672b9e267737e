import { expect, setSystemTime, test } from "bun:test";
import { connect } from "node:net";
import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { serve } from "../../src/server/serve.ts";
import { createTestAuthority } from "../support/certificates.ts";
import { refreshDate } from "../../src/wire/http1/reply-head.ts";

const REQUESTS = 100;

/** Everything a connection gets, read with pauses so that its socket fills up again and again. */
function readSlowly(port: number, requests: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  const socket = connect(port, "127.0.0.1", () => socket.write(requests));
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (chunks.length % 4 !== 0) return;
    socket.pause();
    setTimeout(() => socket.resume(), 2);
  });
  socket.on("end", () => resolve(Buffer.concat(chunks)));
  socket.on("error", reject);
  return promise;
}

// Below, at and above what the system sends from memory, and more than a socket takes at once.
for (const size of [1024, 32 * 1024 - 1, 32 * 1024, 64 * 1024, 300 * 1024]) {
  test(`a constant body of ${size} bytes is whole and in order for a client that reads slowly`, async () => {
    const body = crypto.getRandomValues(new Uint8Array(1024));
    const bytes = new Uint8Array(size).map((_, at) => (body[at % 1024] as number) ^ (at >> 10));
    const headers = new HeaderList(["Content-Type", "application/octet-stream"]).freeze();
    const reply = Object.freeze(new Reply(bytes, 200, headers));
    const server = await serve(
      new App().get("/", () => reply),
      { port: 0 },
    );
    const request = "GET / HTTP/1.1\r\nHost: a\r\n";
    const requests = `${`${request}\r\n`.repeat(REQUESTS - 1)}${request}Connection: close\r\n\r\n`;
    const all = await readSlowly(server.port, requests);
    let count = 0;
    for (let at = 0; at < all.length; count++) {
      const end = all.indexOf("\r\n\r\n", at) + 4;
      const head = all.toString("latin1", at, end);
      expect(head).toStartWith("HTTP/1.1 200 OK\r\n");
      expect(head).toContain(`\r\nContent-Length: ${size}\r\n`);
      at = end + size;
      expect(Bun.hash(all.subarray(end, at))).toBe(Bun.hash(bytes));
    }
    expect(count).toBe(REQUESTS);
    await server.close();
  });
}

/** What comes back to `requests` on one connection, until the server ends it. */
async function exchange(port: number, requests: string): Promise<string> {
  return (await readSlowly(port, requests)).toString();
}

test("a constant reply is what each request asked for: HEAD, HTTP/1.0, the last, between others", async () => {
  const reply = Object.freeze(new Reply("grüß", 200, new HeaderList(["X-Kind", "same"]).freeze()));
  const app = new App().get("/same", () => reply).get("/other", (c) => c.text("other"));
  const server = await serve(app, { port: 0 });
  const send = (lines: string) => exchange(server.port, lines.replaceAll("\n", "\r\n"));

  const head = await send("HEAD /same HTTP/1.1\nHost: a\nConnection: close\n\n");
  expect(head).toMatch(
    /X-Kind: same\r\nContent-Length: 6\r\nDate: .*\r\nConnection: close\r\n\r\n$/,
  );
  const old = await send(
    "GET /same HTTP/1.0\nHost: a\nConnection: keep-alive\n\nGET /same HTTP/1.0\n\n",
  );
  expect(old.match(/Connection: keep-alive\r\n\r\ngrüß/g)).toHaveLength(1);
  expect(old).toEndWith("Connection: close\r\n\r\ngrüß");

  const get = (path: string, last = "") => `GET ${path} HTTP/1.1\nHost: a\n${last}\n`;
  const mixed = await send(
    ["/same", "/other", "/same", "/same", "/other"].map((path) => get(path)).join("") +
      get("/same", "Connection: close\n"),
  );
  const bodies = mixed.split(/HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)+\r\n/).slice(1);
  expect(bodies).toEqual(["grüß", "other", "grüß", "grüß", "other", "grüß"]);
  await server.close();
});

test("a constant reply has the date of its moment, and its own status", async () => {
  const headers = new HeaderList(["X-Kind", "same"]).freeze();
  const replies = [200, 404, 204, 304].map((status) =>
    Object.freeze(new Reply("body", status, headers)),
  );
  const app = new App();
  for (const reply of replies) app.get(`/${reply.status}`, () => reply);
  const server = await serve(app, { port: 0 });
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n`;
  try {
    for (const moment of ["2031-05-06T07:08:09Z", "2032-05-06T07:08:09Z"]) {
      setSystemTime(new Date(moment));
      refreshDate();
      const date = new Date(moment).toUTCString();
      const all = await exchange(
        server.port,
        `${get("/200")}\r\n${get("/404")}\r\n${get("/204")}\r\n${get("/304")}\r\n${get("/200")}Connection: close\r\n\r\n`,
      );
      expect(all.split(`Date: ${date}`)).toHaveLength(6);
      const wholes = all.split("HTTP/1.1 ").slice(1);
      expect(wholes.map((one) => one.slice(0, 3))).toEqual(["200", "404", "204", "304", "200"]);
      const contents = wholes.map((one) => one.slice(one.indexOf("\r\n\r\n") + 4));
      expect(contents).toEqual(["body", "body", "", "", "body"]);
    }
  } finally {
    setSystemTime();
    refreshDate();
    await server.close();
  }
});

test("two servers with secure headers of their own send one constant reply each with theirs", async () => {
  const reply = Object.freeze(new Reply("same", 200, new HeaderList().freeze()));
  const app = new App().get("/", () => reply);
  const certificates = [createTestAuthority().server(["a.example"])];
  const servers = await Promise.all(
    [60, 120, 0].map((hstsSeconds) =>
      serve(app, { port: 0, http3: false, tls: { certificates, hstsSeconds } }),
    ),
  );
  for (let round = 0; round < 2; round++) {
    const seen = await Promise.all(
      servers.map(async ({ port }) => {
        const headers = { Host: "a.example" };
        const tls = { rejectUnauthorized: false, serverName: "a.example" };
        const answer = await fetch(`https://127.0.0.1:${port}/`, { headers, tls });
        expect(await answer.text()).toBe("same");
        return answer.headers.get("strict-transport-security");
      }),
    );
    expect(seen).toEqual(["max-age=60", "max-age=120", null]);
  }
  await Promise.all(servers.map((server) => server.close()));
});
