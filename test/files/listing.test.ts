import { describe, expect, test } from "bun:test";
import fs from "node:fs";
import path from "node:path";
import { listDirectory } from "../../src/files/listing.ts";
import { SiteRoot } from "../../src/files/site-root.ts";
import { humanSize } from "../../src/files/listing-page.ts";
import { bodyText } from "../support/fake-exchange.ts";
import { contextOf, siteMaker } from "../support/static-site.ts";

const make = siteMaker();
const json = { Accept: "application/json" };

const hostile = [
  "<img src=x onerror=alert(1)>.txt",
  '"><script>alert(1)<',
  "' onmouseover='alert(1)",
  "a&amp;b",
  "javascript:alert(1)",
  "line\nbreak",
  "tab\tand\u0007bell",
  "\u202Egnp.exe",
  "?query#fragment",
  "%2e%2e",
  "back\\slash",
  "日本語",
  "مرحبا",
  "-rf",
];

describe("a listing", () => {
  test("is a page, or JSON where that is preferred", async () => {
    const { get, ask } = make({ "b.txt": "12345", "dir/x": "" }, { listing: true });
    const page = await get("/");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("vary")).toBe("Accept");
    expect(page.headers.get("content-security-policy")).toInclude("default-src 'none'");
    expect(await bodyText(page)).toInclude('<a href="dir/">');
    const data = await get("/", json);
    expect(data.headers.get("content-type")).toBe("application/json");
    const { path: at, files, more } = JSON.parse(await bodyText(data));
    expect([at, more]).toEqual(["/", 0]);
    expect(files).toMatchObject([
      { name: "dir", type: "directory" },
      { name: "b.txt", type: "file", size: 5 },
    ]);
    expect(Date.parse(files[0].modified)).toBeGreaterThan(0);
    const head = await ask("/", { method: "HEAD" });
    expect(head.headers.flat).toEqual(page.headers.flat);
  });

  test("is off by default, and gives way to an index", async () => {
    expect((await make({ "a.txt": "" }).get("/")).status).toBe(404);
    const { get } = make({ "index.html": "home" }, { listing: true });
    expect(await bodyText(await get("/"))).toBe("home");
  });

  test("is sorted by links, directories in front", async () => {
    const { root, get } = make(
      { "b10.txt": "1", "b9.txt": "333", "A.txt": "22", "z/x": "" },
      { listing: true },
    );
    const day = (n: number) => new Date(Date.UTC(2026, 0, n));
    for (const [name, n] of [
      ["b10.txt", 3],
      ["b9.txt", 1],
      ["A.txt", 2],
    ] as const) {
      fs.utimesSync(path.join(root, name), day(n), day(n));
    }
    const order = async (query: string) =>
      JSON.parse(await bodyText(await get(`/${query}`, json))).files.map(
        (f: { name: string }) => f.name,
      );
    expect(await order("")).toEqual(["z", "A.txt", "b9.txt", "b10.txt"]);
    expect(await order("?sort=name&order=desc")).toEqual(["z", "b10.txt", "b9.txt", "A.txt"]);
    expect(await order("?sort=size")).toEqual(["z", "b10.txt", "A.txt", "b9.txt"]);
    expect(await order("?sort=modified&order=desc")).toEqual(["z", "b10.txt", "A.txt", "b9.txt"]);
    expect(await order("?sort=__proto__&order=<script>")).toEqual([
      "z",
      "A.txt",
      "b9.txt",
      "b10.txt",
    ]);
    const page = await bodyText(await get("/?sort=size&order=asc"));
    expect(page).toInclude('aria-sort="ascending"><a href="?sort=size&amp;order=desc"');
    expect(page).toInclude('<a href="z/?sort=size&amp;order=asc">');
  });

  test("shows hostile names as text, and their links lead to the files", async () => {
    const { get } = make(Object.fromEntries(hostile.map((name) => [name, name])), {
      listing: true,
    });
    const page = await bodyText(await get("/"));
    expect(page).not.toMatch(/<script|<img|onerror=alert\(1\)>|href="javascript:/);
    // Attributes that begin a name would need a raw quote.
    expect(page).not.toMatch(/['"] onmouseover=/);
    const links = [...page.matchAll(/<td><a href="([^"]*)"/g)].map((found) => found[1] as string);
    expect(links).toHaveLength(hostile.length - 1);
    const served = await Promise.all(
      links.map(async (link) => {
        const url = new URL(link, "http://h/");
        expect(url.origin).toBe("http://h");
        return bodyText(await get(url.pathname));
      }),
    );
    expect(new Set(served)).toEqual(new Set(hostile.filter((name) => !name.includes("\\"))));
    expect(JSON.parse(await bodyText(await get("/", json))).files).toHaveLength(hostile.length);
  });

  test("leads back by relative links", async () => {
    const { get } = make({ "a/b & c/d/x": "" }, { listing: true });
    const page = await bodyText(await get("/a/b%20&%20c/d/"));
    expect(page).toInclude('<a class="home" href="../../../">');
    expect(page).toInclude('<a href="../../"><bdi>a</bdi></a>');
    expect(page).toInclude('<a href="../"><bdi>b &amp; c</bdi></a>');
    expect(page).toInclude("Parent directory");
    expect(await bodyText(await get("/"))).not.toInclude("Parent directory");
  });

  test("of an empty directory says so; of a large one stops somewhere", async () => {
    const { root, get } = make({}, { listing: true });
    expect(await bodyText(await get("/"))).toInclude("This directory is empty");
    for (let i = 0; i < 300; i++) fs.writeFileSync(path.join(root, String(i)), "");
    const site = new SiteRoot(root, "deny", "inside");
    const data = await listDirectory(site, "", contextOf("/", { headers: json }), 280);
    const { files, more } = JSON.parse(data?.body as string);
    expect([files.length, more]).toEqual([280, 20]);
    const page = await listDirectory(site, "", contextOf("/"), 299);
    expect(page?.body as string).toInclude("and 1 entry more");
  });

  test("a host name is only text too", async () => {
    const { ask } = make({}, { listing: true });
    const page = await bodyText(await ask("/", { authority: "<script>alert(1)</script>" }));
    expect(page).not.toInclude("<script>");
  });
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [9949, "9.9 kB"],
  [9950, "10 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [12_345_678, "12 MB"],
  [5e15, "5.0 PB"],
  [5e18, "5000 PB"],
])("%p bytes are %s", (bytes, text) => {
  expect(humanSize(bytes)).toBe(text);
});
