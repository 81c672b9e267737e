import { expect, test } from "bun:test";
import { connect } from "node:net";
import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { serve } from "../../src/server/serve.ts";

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
