import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { HttpError } from "../../src/core/errors.ts";
import { meaningOf } from "../../src/files/system-error.ts";
import { SiteRoot } from "../../src/files/site-root.ts";
import { siteMaker } from "../support/static-site.ts";

const make = siteMaker();

describe("what is no regular file", () => {
  test("a FIFO is a 404 and hangs nothing, even when it appears late", async () => {
    const { root, get } = make({}, { listing: true });
    spawnSync("mkfifo", [path.join(root, "pipe")]);
    expect(fs.statSync(path.join(root, "pipe")).isFIFO()).toBe(true);
    expect((await get("/pipe")).status).toBe(404);
    // As when it takes a file's place between the look and the opening.
    expect(new SiteRoot(root, "deny", "inside").open("pipe")).toBeUndefined();
    const listing = await get("/", { Accept: "application/json" });
    expect(JSON.parse(listing.body as string).files).toEqual([]);
  });

  test("a socket, a device and a link to one are 404", async () => {
    const { root, get } = make({});
    const server = net.createServer().listen(path.join(root, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    fs.symlinkSync("/dev/zero", path.join(root, "zero"));
    fs.symlinkSync("/dev/tty", path.join(root, "tty"));
    fs.symlinkSync("loop", path.join(root, "loop"));
    fs.symlinkSync("gone", path.join(root, "dangling"));
    for (const target of ["/socket", "/zero", "/tty", "/loop", "/dangling", "/loop/x"]) {
      expect((await get(target)).status, target).toBe(404);
    }
    server.close();
  });

  test("what vanishes between the look and the opening is a 404", () => {
    const { root } = make({ "a.txt": "a" });
    const site = new SiteRoot(root, "deny", "inside");
    expect(site.stat("a.txt")?.isFile()).toBe(true);
    fs.unlinkSync(path.join(root, "a.txt"));
    expect(site.open("a.txt")).toBeUndefined();
  });

  test("an index document that is a directory is none", async () => {
    const { get } = make({ "index.html/x": "" });
    expect((await get("/")).status).toBe(404);
  });
});

describe("errors of the system", () => {
  test.each([
    ["ENOENT", undefined],
    ["ENOTDIR", undefined],
    ["ENAMETOOLONG", undefined],
    ["ELOOP", undefined],
    ["ENXIO", undefined],
    ["EACCES", 403],
    ["EPERM", 403],
    ["EMFILE", 503],
    ["ENFILE", 503],
    ["EIO", 500],
    ["", 500],
  ])("%s means %p", (code, status) => {
    const meaning = meaningOf(Object.assign(new Error("x"), { code }));
    expect(meaning?.status).toBe(status as number);
    if (status === 503) expect(meaning?.headers.get("retry-after")).toBe("1");
  });

  test("no descriptor left is 503 for files from disk, and hot files go on", () => {
    // In a process of its own, so that only it runs out.
    const { root } = make({ "hot.txt": "hot", "cold.txt": "cold" });
    const script = `
      import fs from "node:fs";
      import { contextOf } from "${path.resolve("test/support/static-site.ts")}";
      import { staticFiles } from "${path.resolve("src/files/static-files.ts")}";
      const handler = staticFiles(${JSON.stringify(root)});
      const status = async (target) => (await handler(contextOf(target))).status;
      await status("/hot.txt");
      await status("/nothing");
      const open = [];
      try { for (;;) open.push(fs.openSync("/dev/null")); } catch {}
      const during = [await status("/hot.txt"), await status("/cold.txt")];
      for (const fd of open) fs.closeSync(fd);
      console.log(JSON.stringify([...during, await status("/cold.txt")]));
      process.exit(0);
    `;
    const file = path.join(root, "..", "exhaust.ts");
    fs.writeFileSync(file, script);
    const run = spawnSync("sh", ["-c", `ulimit -n 128; exec "${process.execPath}" "${file}"`], {
      encoding: "utf8",
    });
    expect(run.stdout.trim() || run.stderr).toBe("[200,503,200]");
  });

  test("a missing right is 403", () => {
    const { root } = make({ "a.txt": "a", "shut/b.txt": "b" });
    fs.chmodSync(path.join(root, "a.txt"), 0);
    fs.chmodSync(path.join(root, "shut"), 0);
    const site = new SiteRoot(root, "deny", "inside");
    const attempt = (look: () => unknown) => {
      try {
        look();
        return 200;
      } catch (error) {
        return (error as HttpError).status;
      }
    };
    // The superuser may read everything: put the right aside where we are it.
    const superuser = process.geteuid?.() === 0;
    if (superuser) {
      fs.chmodSync(path.dirname(path.dirname(root)), 0o755);
      process.seteuid?.(65534);
    }
    try {
      expect(attempt(() => site.open("a.txt"))).toBe(403);
      expect(attempt(() => site.stat("shut/b.txt"))).toBe(403);
    } finally {
      if (superuser) process.seteuid?.(0);
      fs.chmodSync(path.join(root, "shut"), 0o755);
    }
  });
});
