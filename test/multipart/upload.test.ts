import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "../../src/core/app.ts";
import { saveUpload } from "../../src/files/save-upload.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { lacks } from "../support/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-uploads-"));
let server: Server;
let url: string;
/** Told when an upload has ended, with what. */
let ended: (outcome: unknown) => void = () => {};

beforeAll(async () => {
  const app = new App({}, { maxBody: "64MiB" })
    .post("/save", async (c) => {
      const saved = [];
      try {
        for await (const part of c.files({ fileBytes: 40_000_000 })) {
          if (!part.isFile) saved.push({ name: part.name, text: await part.text() });
          else saved.push({ ...(await saveUpload(part, folder)), as: part.filename });
        }
      } catch (error) {
        ended(error);
        throw error;
      }
      return saved;
    })
    .post("/first", async (c) => {
      for await (const part of c.files()) return part.name;
      return "none";
    })
    .post("/form", async (c) => {
      const form = await c.form();
      return [...form].map(([name, value]) => [
        name,
        typeof value === "string" ? value : value.name,
      ]);
    });
  server = await serve(app, { port: 0 });
  url = `http://127.0.0.1:${server.port}`;
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const post = (path: string, body: FormData) => fetch(url + path, { method: "POST", body });

describe("over a connection", () => {
  test("a large file reaches the disk as it was", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const content = new Blob(Array.from({ length: 500 }, () => bytes));
    const form = new FormData();
    form.append("title", "ü");
    form.append("file", new File([content], "../big.BIN"));
    const answer = (await (await post("/save", form)).json()) as Record<string, unknown>[];
    expect(answer[0]).toEqual({ name: "title", text: "ü" });
    expect(answer[1]).toMatchObject({ size: content.size, as: "big.BIN" });
    const path = answer[1]?.["path"] as string;
    expect(path).toStartWith(`${folder}/`);
    expect(path).toEndWith(".bin");
    const saved = readFileSync(path);
    expect(saved.equals(Buffer.from(await content.arrayBuffer()))).toBe(true);
    rmSync(path);
  });

  test("a handler that leaves early still answers, and so does the server afterwards", async () => {
    const form = new FormData();
    form.append("a", "1");
    form.append("file", new File([new Uint8Array(5_000_000)], "x"));
    expect(await (await post("/first", form)).text()).toBe("a");
    expect(await (await post("/first", form)).text()).toBe("a");
  });

  test("a file over its limit is 413, and nothing is left on the disk", async () => {
    const form = new FormData();
    form.append("file", new File([new Uint8Array(40_000_001)], "x"));
    // A client that goes on sending may see the connection close instead.
    const answer = await post("/save", form).catch(() => undefined);
    if (answer !== undefined) expect(answer.status).toBe(413);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a client that goes away in the middle leaves nothing behind", async () => {
    const outcome = new Promise<unknown>((resolve) => (ended = resolve));
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    const head = 'Content-Disposition: form-data; name="f"; filename="x"';
    const type = "Content-Type: multipart/form-data; boundary=b";
    socket.write(
      `POST /save HTTP/1.1\r\nHost: a\r\n${type}\r\nContent-Length: 1000000\r\n\r\n--b\r\n${head}\r\n\r\nhalf`,
    );
    // Until the server has begun to write.
    while (readdirSync(folder).length === 0) await Bun.sleep(5);
    socket.destroy();
    expect(await outcome).toBeInstanceOf(Error);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("what is malformed is a problem document", async () => {
    const send = async (type: string, body: string) => {
      const headers = { "Content-Type": type };
      const answer = await fetch(`${url}/form`, { method: "POST", headers, body });
      return `${answer.status} ${((await answer.json()) as { code: string }).code}`;
    };
    expect(await send("multipart/form-data; boundary=b", "--b\r\n")).toBe(
      "400 multipart_truncated",
    );
    expect(await send("multipart/form-data", "x")).toBe("400 multipart_boundary");
    expect(await send("application/x-www-form-urlencoded", "a=%ff")).toBe("400 field_not_utf8");
    expect(await send("text/csv", "a")).toBe("415 form_expected");
  });
});

test.skipIf(lacks("curl"))("curl's own forms are understood, names and all", async () => {
  const source = join(mkdtempSync(join(tmpdir(), "sluice-curl-")), "a.txt");
  await Bun.write(source, "content");
  const named = `f=@${source};filename="q\\"uote \\\\ ü.txt";type=text/plain`;
  const args = ["-sS", "-F", "a=1", "-F", "tag=x", "-F", "tag=y", "-F", named, `${url}/form`];
  const child = Bun.spawn(["curl", ...args], { stdout: "pipe" });
  expect(JSON.parse(await new Response(child.stdout).text())).toEqual([
    ["a", "1"],
    ["tag", "x"],
    ["tag", "y"],
    ["f", "ü.txt"],
  ]);
  rmSync(join(source, ".."), { recursive: true });
});
