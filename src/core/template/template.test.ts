import { describe, expect, test } from "bun:test";
import { App } from "../app.ts";
import type { Captures } from "../routing/capture-pattern.ts";
import { TextPattern } from "../routing/text-pattern.ts";
import { locationTemplate } from "./location-template.ts";
import { checkGroups, parseTemplate, TemplateError } from "./template.ts";
import type { TextKind } from "./text-template.ts";
import { textTemplate } from "./text-template.ts";

interface Asked {
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly kind?: TextKind;
  readonly captures?: Captures | undefined;
}

/** What a template comes to for a request. */
async function text(template: string, asked: Asked = {}): Promise<string> {
  const { path = "/", headers = {}, kind = "text", captures } = asked;
  const made = textTemplate(parseTemplate(template), kind);
  const app = new App().all("/*", (c) => made(c, captures));
  const request = new Request(`http://a.test:81${path}`, { headers });
  return (await app.fetch(request)).text();
}

async function location(template: string, { path = "/", headers = {}, captures }: Asked = {}) {
  const { base, query, fragment } = locationTemplate(parseTemplate(template));
  const app = new App().all(
    "/*",
    (c) => `${base(c, captures)}|${query(c, captures)}|${fragment(c, captures)}`,
  );
  return (await app.fetch(new Request(`http://a.test:81${path}`, { headers }))).text();
}

/** What is wrong with one. */
function problem(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
  return "nothing";
}

test("variables of a request", async () => {
  const all =
    "${method} ${scheme} ${host} ${hostname} ${path} ${rest} ${query} ${uri} ${protocol} $$";
  expect(await text(all, { path: "/a/b?x=1&y=%20" })).toBe(
    "GET http a.test:81 a.test /a/b a/b x=1&y=%20 /a/b?x=1&y=%20 HTTP/1.1 $",
  );
  const keyed = "${header:X-A}|${cookie:s}|${query:q}|${query:none}|${header:none}|${request_id}";
  const headers = { "x-a": "1", cookie: "t=0; s=abc" };
  expect(await text(keyed, { path: "/?q=a+b&q=c", headers })).toBe("1|abc|a b|||");
  expect(await text("${query:q}", { path: "/?q=%ff" })).toBe("");
});

test("groups of an expression, by number and by name", async () => {
  const captures = new TextPattern("^/(?<lang>[a-z]+)/(.+?)(-x)?$").exec("/de/a");
  expect(await text("$2/$1/$<lang>/${1}0/$3.", { captures })).toBe("a/de/de/de0/.");
  expect(await text("$1", {})).toBe("");
  expect(await text("$1$<a>", { captures: /(?<a>b)/.exec("b") as Captures })).toBe("bb");
});

test("values are escaped as their place needs it, the text of the template is not", async () => {
  const path = `/?q=${encodeURIComponent(`"<a>&'\r\nX: ü`)}`;
  const one = (kind: TextKind) => text("<b>${query:q}", { path, kind });
  expect(await one("html")).toBe("<b>&quot;&lt;a&gt;&amp;&#39;\r\nX: ü");
  expect(await one("json")).toBe(`<b>\\"<a>&'\\r\\nX: ü`);
  expect(await one("header")).toBe(`<b>"<a>&'%0D%0AX: %C3%BC`);
  expect(await one("text")).toBe(`<b>"<a>&'\r\nX: ü`);
});

describe("an address", () => {
  const captures = (path: string) => new TextPattern("^/old(.*)$").exec(path);

  test("takes parts of the path as they are, and the query as its own", async () => {
    const path = "/old/a%20b?x=1&y=2";
    expect(await location("https://${host}/new$1", { captures: captures("/old/a%20b") })).toBe(
      "https://a.test:81/new/a%20b||",
    );
    expect(await location("https://${hostname}${uri}", { path })).toBe(
      "https://a.test/old/a%20b?x=1&y=2||",
    );
    expect(await location("${scheme}://b.test${path}#x", { path })).toBe(
      "http://b.test/old/a%20b||#x",
    );
    expect(await location("/to?${query}&z=1", { path })).toBe("/to|x=1&y=2&z=1|");
    expect(await location("/x?a=1?b#c?d")).toBe("/x|a=1?b|#c?d");
    expect(await location("https://b.test?a=${method}")).toBe("https://b.test|a=GET|");
  });

  test("lets no value leave its place", async () => {
    const path = "/a?b=1&c=/../x%26%23";
    expect(await location("/sign-in?next=${uri}", { path })).toBe(
      `/sign-in|next=${encodeURIComponent("/a?b=1&c=/../x%26%23")}|`,
    );
    expect(await location("/x/${query:c}/y", { path })).toBe("/x/%2F..%2Fx%26%23/y||");
    expect(await location("/item?id=$1", { captures: captures("/old7&admin=1") })).toBe(
      "/item|id=7%26admin%3D1|",
    );
    expect(await location("/$1", { captures: captures("/old/evil.test") })).toBe("/evil.test||");
    expect(await location("https://$1.b.test/", { captures: captures("/oldshop") })).toBe(
      "https://shop.b.test/||",
    );
    expect(
      await location("https://$1.b.test/", { captures: captures("/oldevil.test/") }),
    ).toContain("location_unsafe");
    expect(
      await location("https://${header:x-to}.b.test/", { headers: { "x-to": "a@evil.test" } }),
    ).toContain("location_unsafe");
  });

  test.each([
    ["https://b.test$1", 'put a "/" before it'],
    ["https://b.test${rest}", 'has ${rest} as a part of its host: put a "/" before it'],
    ["https://$1", 'put a "/" before it'],
    ["$1", 'beginning with "/"'],
    ["new", 'beginning with "/"'],
    ["ftp://b.test/", 'beginning with "/"'],
    ["", 'beginning with "/"'],
    ["https:///a", 'beginning with "/"'],
    ["//b.test/", "write the scheme too"],
    ["/a b", "percent-encode"],
    ["https://{host}/", "a variable is written ${host}"],
  ])("%s is refused", (template, message) => {
    expect(problem(() => locationTemplate(parseTemplate(template)))).toContain(message);
  });
});

test.each([
  ["${hots}", "has ${hots}, which is no variable: there are host, "],
  ["${}", "has ${}, which is no variable"],
  ["${host:x}", "write ${host}"],
  ["${header}", "has ${header}, which needs a name: ${header:NAME}"],
  ["${cookie:a b}", "needs a name"],
  ["costs 5$", 'has a "$" that begins no $1'],
  ["$host/", "$host: a variable is written ${host}"],
])("%s is refused", (template, message) => {
  expect(problem(() => parseTemplate(template))).toContain(message);
});

test("groups are held against those that there are", () => {
  const check = (template: string) =>
    problem(() =>
      checkGroups(parseTemplate(template), new TextPattern("(?<a>x)(y)").groups, "path"),
    );
  expect(check("$1$2$<a>")).toBe("nothing");
  expect(check("$3")).toBe("has $3, but path has 2 groups");
  expect(check("$<b>")).toBe("has $<b>, but path has no group of that name");
});
