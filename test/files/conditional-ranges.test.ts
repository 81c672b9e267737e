import { describe, expect, test } from "bun:test";
import fs from "node:fs";
import path from "node:path";
import type { Reply } from "../../src/core/reply.ts";
import { bodyBytes, bodyText } from "../support/fake-exchange.ts";
import { siteMaker } from "../support/static-site.ts";

const TEXT = "abcdefghijklmnopqrstuvwxyz";
const MODIFIED = new Date("2026-01-02T03:04:05Z");
const same = "Fri, 02 Jan 2026 03:04:05 GMT";
const before = "Fri, 02 Jan 2026 03:04:04 GMT";
const after = "Fri, 02 Jan 2026 03:04:06 GMT";

const make = siteMaker();
// The same answers are due from memory and from disk.
const sites = (["memory", "disk"] as const).map((where) => {
  const cache = where === "memory" ? {} : { maxFileBytes: 0 };
  const site = make({ "a.txt": TEXT }, { cache });
  fs.utimesSync(path.join(site.root, "a.txt"), MODIFIED, MODIFIED);
  return { where, ...site };
});

/** `{etag}` stands for the file's tag. */
type Row = [name: string, headers: Record<string, string>, status: number, body: string];

const rows: Row[] = [
  ["no condition", {}, 200, TEXT],
  // RFC 9110 13.1
  ["If-None-Match hit", { "If-None-Match": "{etag}" }, 304, ""],
  ["If-None-Match weak hit", { "If-None-Match": "W/{etag}" }, 304, ""],
  ["If-None-Match in a list", { "If-None-Match": '"x", {etag}' }, 304, ""],
  ["If-None-Match any", { "If-None-Match": "*" }, 304, ""],
  ["If-None-Match miss", { "If-None-Match": '"x"' }, 200, TEXT],
  ["If-Modified-Since same", { "If-Modified-Since": same }, 304, ""],
  ["If-Modified-Since earlier", { "If-Modified-Since": before }, 200, TEXT],
  ["If-Modified-Since later", { "If-Modified-Since": after }, 304, ""],
  ["If-Modified-Since nonsense", { "If-Modified-Since": "x" }, 200, TEXT],
  ["tag rules date", { "If-None-Match": '"x"', "If-Modified-Since": same }, 200, TEXT],
  ["If-Match hit", { "If-Match": "{etag}" }, 200, TEXT],
  ["If-Match weak", { "If-Match": "W/{etag}" }, 412, "412"],
  ["If-Match miss", { "If-Match": '"x"' }, 412, "412"],
  ["If-Match any", { "If-Match": "*" }, 200, TEXT],
  ["If-Unmodified-Since same", { "If-Unmodified-Since": same }, 200, TEXT],
  ["If-Unmodified-Since earlier", { "If-Unmodified-Since": before }, 412, "412"],
  ["If-Match rules date", { "If-Match": "{etag}", "If-Unmodified-Since": before }, 200, TEXT],
  ["412 before 304", { "If-Match": '"x"', "If-None-Match": "{etag}" }, 412, "412"],
  ["304 after If-Match", { "If-Match": "{etag}", "If-None-Match": "{etag}" }, 304, ""],
  // 14.2: preconditions come before ranges
  ["304 before 206", { "If-None-Match": "{etag}", Range: "bytes=0-1" }, 304, ""],
  ["412 before 206", { "If-Match": '"x"', Range: "bytes=0-1" }, 412, "412"],
  ["304 before 416", { "If-None-Match": "{etag}", Range: "bytes=99-" }, 304, ""],
  // 14.1.2
  ["first bytes", { Range: "bytes=0-4" }, 206, "abcde"],
  ["one byte", { Range: "bytes=0-0" }, 206, "a"],
  ["last bytes", { Range: "bytes=-3" }, 206, "xyz"],
  ["from the middle", { Range: "bytes=20-" }, 206, "uvwxyz"],
  ["past the end", { Range: "bytes=24-100" }, 206, "yz"],
  ["all of it", { Range: "bytes=0-" }, 206, TEXT],
  ["a suffix longer than it", { Range: "bytes=-100" }, 206, TEXT],
  ["overlapping ranges are joined", { Range: "bytes=0-4,3-6" }, 206, "abcdefg"],
  ["many whole files are one", { Range: "bytes=0-,0-,0-,0-" }, 206, TEXT],
  ["one of two exists", { Range: "bytes=0-1,99-" }, 206, "ab"],
  ["behind the end", { Range: "bytes=26-" }, 416, "416"],
  ["an empty suffix", { Range: "bytes=-0" }, 416, "416"],
  ["an unknown unit", { Range: "lines=0-1" }, 200, TEXT],
  ["a malformed set", { Range: "bytes=1-0" }, 200, TEXT],
  ["too many ranges", { Range: `bytes=${"0-0,".repeat(20)}5-5` }, 200, TEXT],
  // 13.1.5
  ["If-Range tag", { "If-Range": "{etag}", Range: "bytes=0-1" }, 206, "ab"],
  ["If-Range weak tag", { "If-Range": "W/{etag}", Range: "bytes=0-1" }, 200, TEXT],
  ["If-Range other tag", { "If-Range": '"x"', Range: "bytes=0-1" }, 200, TEXT],
  ["If-Range date", { "If-Range": same, Range: "bytes=0-1" }, 206, "ab"],
  ["If-Range later date", { "If-Range": after, Range: "bytes=0-1" }, 200, TEXT],
  ["If-Range and unsatisfiable", { "If-Range": '"x"', Range: "bytes=99-" }, 200, TEXT],
  ["If-Range without Range", { "If-Range": "{etag}" }, 200, TEXT],
  [
    "all conditions hold",
    { "If-Match": "{etag}", "If-Range": "{etag}", Range: "bytes=1-1" },
    206,
    "b",
  ],
];

describe.each(sites)("from $where", ({ get, ask }) => {
  const fill = async (headers: Record<string, string>) => {
    const etag = (await ask("/a.txt", { method: "HEAD" })).headers.get("etag") as string;
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace("{etag}", etag)]),
    );
  };

  test.each(rows)("%s", async (_, headers, status, body) => {
    const reply = await get("/a.txt", await fill(headers));
    expect(reply.status).toBe(status);
    const text = await bodyText(reply);
    if (status < 400) expect(text).toBe(body);
    if (status === 206) {
      const start = TEXT.indexOf(body);
      const range = `bytes ${start}-${start + body.length - 1}/26`;
      expect(reply.headers.get("content-range")).toBe(range);
      expect(reply.headers.has("content-length")).toBe(false);
    }
    if (status === 416) expect(reply.headers.get("content-range")).toBe("bytes */26");
    if (status === 200 || status === 206) {
      expect(reply.headers.get("last-modified")).toBe(same);
      expect(reply.headers.get("accept-ranges")).toBe("bytes");
    }
    if (status < 400) expect(reply.headers.get("etag")).toMatch(/^"/);
    if (status === 304) expect(reply.headers.has("content-type")).toBe(false);
  });

  // RFC 9110 14.2: ranges are GET's; 9.3.2: otherwise HEAD has GET's fields.
  test.each(rows.filter(([, headers]) => headers.Range === undefined))(
    "HEAD has the head of GET: %s",
    async (_, template) => {
      const headers = await fill(template);
      const got = await get("/a.txt", headers);
      const head = await ask("/a.txt", { method: "HEAD", headers });
      expect(head.status).toBe(got.status);
      expect(head.headers.flat).toEqual(got.headers.flat);
      await bodyBytes(got);
    },
  );

  test("HEAD ignores Range", async () => {
    const reply = await ask("/a.txt", { method: "HEAD", headers: { Range: "bytes=0-1" } });
    expect(reply.status).toBe(200);
  });

  test("several ranges are a multipart of the right length", async () => {
    const reply = await get("/a.txt", { Range: "bytes=0-1, 5-5, -2" });
    expect(reply.status).toBe(206);
    expect(reply.headers.has("content-range")).toBe(false);
    expect(parts(reply, await bodyText(reply))).toEqual([
      ["bytes 0-1/26", "text/plain; charset=utf-8", "ab"],
      ["bytes 5-5/26", "text/plain; charset=utf-8", "f"],
      ["bytes 24-25/26", "text/plain; charset=utf-8", "yz"],
    ]);
    const body = (await get("/a.txt", { Range: "bytes=0-1,5-5" })).body as { size: number };
    const again = await get("/a.txt", { Range: "bytes=0-1,5-5" });
    expect((await bodyBytes(again)).byteLength).toBe(body.size);
    (body as unknown as { cancel(): void }).cancel();
  });
});

/** RFC 2046 5.1: the parts with their Content-Range and Content-Type. */
function parts(reply: Reply, text: string): string[][] {
  const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(
    reply.headers.get("content-type") ?? "",
  )?.[1];
  expect(boundary).toBeString();
  expect(text.startsWith(`--${boundary}\r\n`)).toBe(true);
  expect(text.endsWith(`\r\n--${boundary}--\r\n`)).toBe(true);
  return text
    .slice(`--${boundary}\r\n`.length, -`\r\n--${boundary}--\r\n`.length)
    .split(`\r\n--${boundary}\r\n`)
    .map((part) => {
      const [head = "", body = ""] = part.split("\r\n\r\n");
      const field = (name: string) => new RegExp(`${name}: (.*)`).exec(head)?.[1] ?? "";
      return [field("Content-Range"), field("Content-Type"), body];
    });
}

test("tags: by content they follow the bytes, by mtime the time", async () => {
  for (const etag of ["content", "mtime"] as const) {
    const { root, get } = make({ "a.txt": "one" }, { etag, cache: { intervalMs: 0 } });
    const file = path.join(root, "a.txt");
    fs.utimesSync(file, MODIFIED, MODIFIED);
    const first = (await get("/a.txt")).headers.get("etag");
    fs.utimesSync(file, MODIFIED, new Date("2026-02-02T00:00:00Z"));
    const touched = (await get("/a.txt")).headers.get("etag");
    fs.writeFileSync(file, "two");
    fs.utimesSync(file, MODIFIED, MODIFIED);
    const changed = (await get("/a.txt")).headers.get("etag");
    expect(touched === first).toBe(etag === "content");
    if (etag === "content") expect(changed).not.toBe(first);
    expect(first).toMatch(/^"[^"]+"$/);
  }
});

test("a modification time in the future is told as now (RFC 9110 8.8.2.1)", async () => {
  const { root, get } = make({ "a.txt": "x" });
  fs.utimesSync(path.join(root, "a.txt"), new Date(), new Date("2099-01-01T00:00:00Z"));
  const told = Date.parse((await get("/a.txt")).headers.get("last-modified") as string);
  expect(told).toBeLessThanOrEqual(Date.now());
});
