import { describe, expect, test } from "bun:test";
import fs from "node:fs";
import path from "node:path";
import { App } from "../../src/core/app.ts";
import { attachment, file } from "../../src/files/file.ts";
import { bodyText } from "../support/fake-exchange.ts";
import { contextOf, temporary, write } from "../support/static-site.ts";

const base = temporary();
const root = path.join(base, "root");
write(root, { "report.txt": "0123456789", ".env": "secret", "sub/a.txt": "a" });
write(base, { "secret.txt": "secret" });
fs.symlinkSync("../secret.txt", path.join(root, "link"));

describe("file(c, path)", () => {
  test("answers one file with conditions and ranges", async () => {
    const name = path.join(root, "report.txt");
    const whole = file(contextOf("/any"), name);
    expect(whole.status).toBe(200);
    expect(await bodyText(whole)).toBe("0123456789");
    const part = file(contextOf("/any", { headers: { Range: "bytes=2-4" } }), name);
    expect(part.status).toBe(206);
    expect(await bodyText(part)).toBe("234");
    const headers = { "If-None-Match": whole.headers.get("etag") as string };
    expect(file(contextOf("/any", { headers }), name).status).toBe(304);
  });

  test("offers it for saving, as what and how long it is told", async () => {
    const options = { download: true, type: "application/x-report", cacheControl: "no-store" };
    const reply = file(contextOf("/any"), path.join(root, "report.txt"), options);
    expect(reply.headers.get("content-disposition")).toBe('attachment; filename="report.txt"');
    expect(reply.headers.get("content-type")).toBe("application/x-report");
    expect(reply.headers.get("cache-control")).toBe("no-store");
    reply.discard();
  });

  test("below a root it serves nothing outside and nothing hidden", async () => {
    expect(await bodyText(file(contextOf("/"), "sub/a.txt", { root }))).toBe("a");
    const outside = [
      "../secret.txt",
      "sub/../../secret.txt",
      "/etc/passwd",
      "link",
      ".env",
      "",
      ".",
      "sub",
      "sub/",
      "a\0b",
      "nope",
    ];
    for (const name of outside) {
      expect(() => file(contextOf("/"), name, { root }), name).toThrow(/no such file/);
    }
  });

  test("a missing file is a 404 of the app", async () => {
    const app = new App().get("/x", (c) => file(c, path.join(root, "nope")));
    expect((await app.fetch(new Request("http://localhost/x"))).status).toBe(404);
  });
});

test.each([
  ["a.txt", 'attachment; filename="a.txt"'],
  ['a"b\\c.txt', `attachment; filename="a_b_c.txt"; filename*=UTF-8''a%22b%5Cc.txt`],
  [
    "Ärger (1).pdf",
    `attachment; filename="_rger (1).pdf"; filename*=UTF-8''%C3%84rger%20%281%29.pdf`,
  ],
  ["a\r\nX: y", `attachment; filename="a__X: y"; filename*=UTF-8''a%0D%0AX%3A%20y`],
  ["\ud800", `attachment; filename="_"; filename*=UTF-8''%EF%BF%BD`],
])("%p is offered as %s", (name, field) => {
  expect(attachment(name)).toBe(field);
});
