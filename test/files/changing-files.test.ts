import { describe, expect, test } from "bun:test";
import fs from "node:fs";
import path from "node:path";
import type { Reply } from "../../src/core/reply.ts";
import type { Source } from "../../src/wire/source.ts";
import { FileSource } from "../../src/files/file-source.ts";
import { bodyBytes, bodyText } from "../support/fake-exchange.ts";
import { contextOf, siteMaker, temporary, write } from "../support/static-site.ts";

const make = siteMaker();

/** Open descriptors on files below `root`. */
function openBelow(root: string): number {
  const real = fs.realpathSync(root);
  return fs.readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${real}/`);
    } catch {
      return false;
    }
  }).length;
}

/** Waits until nothing below `root` is open: files that were just read stay so for a moment. */
async function closedBelow(root: string): Promise<void> {
  for (let i = 0; i < 500 && openBelow(root) > 0; i++) await Bun.sleep(10);
  expect(openBelow(root)).toBe(0);
}

describe("a file larger than 2 GiB", () => {
  const size = 2 ** 31 + 2 ** 20;
  const { root, get, ask } = make({}, {});
  const name = path.join(root, "huge.bin");
  const fd = fs.openSync(name, "w");
  fs.ftruncateSync(fd, size);
  const marks: [number, string][] = [
    [0, "begin"],
    [2 ** 31 - 3, "across"],
    [size - 3, "end"],
  ];
  for (const [at, text] of marks) fs.writeSync(fd, text, at);
  fs.closeSync(fd);
  fs.truncateSync(name, size);

  test("is served by ranges from everywhere", async () => {
    const text = async (range: string) => {
      const reply = await get("/huge.bin", { Range: `bytes=${range}` });
      expect(reply.status).toBe(206);
      return bodyText(reply);
    };
    expect(await text("0-4")).toBe("begin");
    expect(await text(`${2 ** 31 - 3}-${2 ** 31 + 2}`)).toBe("across");
    expect(await text("-3")).toBe("end");
    expect(await text(`${size - 3}-`)).toBe("end");
    const several = await get("/huge.bin", { Range: `bytes=0-4,${2 ** 31 - 3}-${2 ** 31 + 2},-3` });
    const body = await bodyText(several);
    for (const [, mark] of marks) expect(body).toInclude(`\r\n\r\n${mark}\r\n`);
    expect(body).toInclude(`Content-Range: bytes ${2 ** 31 - 3}-${2 ** 31 + 2}/${size}`);
    expect((await get("/huge.bin", { Range: `bytes=${size}-` })).status).toBe(416);
    const head = await ask("/huge.bin", { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe(String(size));
    await closedBelow(root);
  });

  test("a long part is streamed in bounded chunks", async () => {
    const reply = await get("/huge.bin", { Range: `bytes=${2 ** 31 - 2 ** 24}-${2 ** 31 + 99}` });
    const source = reply.body as Source;
    expect(source.size).toBe(2 ** 24 + 100);
    let seen = 0;
    for (let chunk = await source.pull(); chunk !== null; chunk = await source.pull()) {
      expect(chunk.byteLength).toBeLessThanOrEqual(1024 * 1024);
      seen += chunk.byteLength;
    }
    expect(seen).toBe(2 ** 24 + 100);
    await closedBelow(root);
  });
});

describe("while it is served, a file that", () => {
  const SIZE = 3_000_000;
  const start = async () => {
    const site = make({ "a.bin": new Uint8Array(SIZE).fill(1) });
    const reply = await site.get("/a.bin");
    return { ...site, name: path.join(site.root, "a.bin"), source: reply.body as Source };
  };

  test("is truncated breaks the body off", async () => {
    const { root, name, source } = await start();
    await source.pull();
    fs.truncateSync(name, 1000);
    const rest = async () => {
      for (let chunk = await source.pull(); chunk !== null; chunk = await source.pull());
    };
    expect(rest()).rejects.toThrow(/truncated/);
    await rest().catch(() => {});
    await closedBelow(root);
  });

  test("grows is served at its old size", async () => {
    const { name, source, root } = await start();
    fs.appendFileSync(name, "more");
    let seen = 0;
    for (let chunk = await source.pull(); chunk !== null; chunk = await source.pull()) {
      seen += chunk.byteLength;
    }
    expect(seen).toBe(SIZE);
    await closedBelow(root);
  });

  test("is deleted or replaced is served to its end", async () => {
    for (const change of ["delete", "replace"]) {
      const { name, source, get } = await start();
      if (change === "delete") fs.unlinkSync(name);
      else {
        fs.writeFileSync(`${name}.new`, "new");
        fs.renameSync(`${name}.new`, name);
      }
      const bytes = await bodyBytes({ body: source } as Reply);
      expect(bytes.byteLength).toBe(SIZE);
      expect(Buffer.alloc(SIZE, 1).equals(bytes)).toBe(true);
      // What is not in memory is never answered from an old description.
      const next = await get("/a.bin");
      expect(next.status).toBe(change === "delete" ? 404 : 200);
      if (change === "replace") expect(await bodyText(next)).toBe("new");
    }
  });

  test("is given up is closed, at any moment and twice", async () => {
    const { root, handler } = make({ "a.bin": new Uint8Array(SIZE) });
    for (const pulls of [0, 1, 2, 3]) {
      const reply = await handler(contextOf("/a.bin"));
      const source = reply.body as Source;
      for (let i = 0; i < pulls; i++) await source.pull();
      const pending = pulls === 3 ? source.pull() : null;
      source.cancel();
      source.cancel();
      if (pending instanceof Promise) await pending;
      expect(await source.pull()).toBeNull();
    }
    await closedBelow(root);
  });
});

const bodies = temporary();

test("many bodies at once, some given up, never mix their bytes", async () => {
  const root = bodies;
  const sizes = [1, 70_000, 262_144, 262_145, 900_000];
  const expected = sizes.map((size, i) => Buffer.alloc(size, i + 1));
  write(
    root,
    Object.fromEntries(sizes.map((size, i) => [`${i}`, new Uint8Array(size).fill(i + 1)])),
  );
  const one = async (round: number) => {
    const i = round % sizes.length;
    const size = sizes[i] as number;
    const source = new FileSource(fs.openSync(path.join(root, `${i}`), "r"), 0, size);
    let seen = 0;
    for (let chunk = await source.pull(); chunk !== null; chunk = await source.pull()) {
      seen += chunk.byteLength;
      if (round % 3 === 0) await Bun.sleep(0);
      const same = (expected[i] as Buffer).subarray(0, chunk.byteLength).equals(chunk);
      if (!same) throw new Error("foreign bytes");
      if (round % 7 === 0) {
        source.cancel();
        return;
      }
    }
    expect(seen).toBe(size);
  };
  await Promise.all(Array.from({ length: 300 }, (_, round) => one(round)));
  await closedBelow(root);
});

describe("the memory of hot files", () => {
  test("is never older than its interval", async () => {
    let now = 0;
    const { root, get } = make(
      { "a.txt": "one" },
      { clock: () => now, cache: { intervalMs: 500 } },
    );
    const text = async () => bodyText(await get("/a.txt"));
    expect(await text()).toBe("one");
    fs.writeFileSync(path.join(root, "a.txt"), "two");
    now = 499;
    expect(await text()).toBe("one");
    now = 500;
    expect(await text()).toBe("two");
    fs.unlinkSync(path.join(root, "a.txt"));
    now = 1000;
    expect((await get("/a.txt")).status).toBe(404);
    write(root, { "a.txt": "three" });
    expect(await text()).toBe("three");
  });

  test("keeps the very reply while nothing changes", async () => {
    let now = 0;
    const { get } = make({ "a.txt": "one" }, { clock: () => now, cache: { intervalMs: 10 } });
    const first = await get("/a.txt");
    now = 1000;
    expect(await get("/a.txt")).toBe(first);
  });

  test("sees a same-size change by its time, and a precompressed file come and go", async () => {
    const { root, get } = make({ "a.txt": "one" }, { cache: { intervalMs: 0 } });
    const file = path.join(root, "a.txt");
    await get("/a.txt");
    fs.writeFileSync(file, "two");
    expect(await bodyText(await get("/a.txt"))).toBe("two");
    const gzip = { "Accept-Encoding": "gzip" };
    write(root, { "a.txt.gz": "GZIP" });
    expect(await bodyText(await get("/a.txt", gzip))).toBe("GZIP");
    fs.unlinkSync(`${file}.gz`);
    const reply = await get("/a.txt", gzip);
    expect(await bodyText(reply)).toBe("two");
    expect(reply.headers.has("vary")).toBe(false);
  });

  test("compressed variants go with the file they were made of", async () => {
    const { root, get } = make({ "a.txt": "1".repeat(5000) }, { cache: { intervalMs: 0 } });
    const br = { "Accept-Encoding": "br" };
    const first = (await get("/a.txt", br)).headers.get("etag");
    write(root, { "a.txt": "2".repeat(5000) });
    expect((await get("/a.txt", br)).headers.get("etag")).not.toBe(first);
  });

  test("a directory's document is looked at again too", async () => {
    let now = 0;
    const { root, get } = make(
      { "index.html": "one" },
      { clock: () => now, cache: { intervalMs: 100 } },
    );
    expect(await bodyText(await get("/"))).toBe("one");
    write(root, { "index.html": "two!" });
    now = 100;
    expect(await bodyText(await get("/"))).toBe("two!");
  });

  test("uses the real clock by default", async () => {
    const { root, get } = make({ "a.txt": "one" }, { cache: { intervalMs: 60 } });
    await get("/a.txt");
    write(root, { "a.txt": "two" });
    let text = "";
    for (let i = 0; i < 200 && text !== "two"; i++) {
      await Bun.sleep(10);
      text = await bodyText(await get("/a.txt"));
    }
    expect(text).toBe("two");
  });
});
