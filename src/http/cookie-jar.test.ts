import { describe, expect, test } from "bun:test";
import { CookieJar } from "./cookie-jar.ts";
import { CookieKeys } from "./cookie-keys.ts";
import { HeaderList } from "./header-list.ts";

const keys = new CookieKeys(["k".repeat(32)]);

function jarOf(cookie: string | string[], options: { secure?: boolean; keys?: CookieKeys } = {}) {
  const request = new HeaderList([cookie].flat().flatMap((value) => ["Cookie", value]));
  const reply = new HeaderList();
  const jar = new CookieJar(request, () => reply, { secure: false, ...options });
  return { jar, sent: () => reply.getAll("set-cookie"), reply };
}

describe("reading", () => {
  test("gives the first of a name, and all of them to whoever asks", () => {
    const { jar } = jarOf(["a=1; b=%C3%BC%20x", "a=2; c=100%"]);
    expect(jar.get("a")).toBe("1");
    expect(jar.getAll("a")).toEqual(["1", "2"]);
    expect(jar.get("b")).toBe("ü x");
    expect(jar.get("c")).toBe("100%");
    expect(jar.get("A")).toBeUndefined();
    expect(jar.getAll("none")).toEqual([]);
    expect(jar.has("a")).toBe(true);
    expect(jar.has("none")).toBe(false);
  });

  test("a name of the prototype is a name", () => {
    const { jar } = jarOf("__proto__=x; constructor=y");
    expect(jar.get("toString")).toBeUndefined();
    const all = jar.all();
    expect(Object.getPrototypeOf(all)).toBeNull();
    expect(Object.entries(all)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  test("no header is no cookies, and sets none", () => {
    const { jar, sent } = jarOf([]);
    expect(jar.get("a")).toBeUndefined();
    expect({ ...jar.all() }).toEqual({});
    expect(sent()).toEqual([]);
  });
});

describe("setting", () => {
  test("is careful by default", () => {
    const { jar, sent } = jarOf("");
    jar.set("a", "1");
    expect(sent()).toEqual(["a=1; Path=/; HttpOnly; SameSite=Lax"]);
    const tls = jarOf("", { secure: true });
    tls.jar.set("a", "1");
    tls.jar.set("b", "1", { secure: false, httpOnly: false });
    expect(tls.sent()).toEqual([
      "a=1; Path=/; Secure; HttpOnly; SameSite=Lax",
      "b=1; Path=/; SameSite=Lax",
    ]);
  });

  test("adds Secure where the cookie is none without", () => {
    const { jar, sent } = jarOf("");
    jar.set("__Host-a", "1");
    jar.set("b", "1", { sameSite: "none" });
    expect(sent()).toEqual([
      "__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax",
      "b=1; Path=/; Secure; HttpOnly; SameSite=None",
    ]);
    expect(() => jar.set("__Host-c", "1", { secure: false })).toThrow("needs secure");
  });

  test("encodes any text, and reads it again", () => {
    const { jar, sent } = jarOf("");
    const text = 'a b;c,d"e\\f%20\r\nSet-Cookie: x=y\0ü€😀\ud800';
    jar.set("a", text);
    const value = /^a=([^;]*);/.exec(sent()[0] as string)?.[1] as string;
    expect(value).toMatch(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/);
    expect(jarOf(`a=${value}`).jar.get("a")).toBe(text.toWellFormed());
  });

  test("the last of a name, path and domain is sent; what was set is seen", () => {
    const { jar, sent, reply } = jarOf("a=old; b=old");
    reply.append("Set-Cookie", "other=1");
    jar.set("a", "1");
    jar.set("a", "2", { path: "/app" });
    jar.set("a", "3");
    jar.delete("b");
    expect(jar.get("a")).toBe("3");
    expect(jar.has("b")).toBe(false);
    expect({ ...jar.all() }).toEqual({ a: "3" });
    expect(jar.getAll("a")).toEqual(["old"]);
    expect(sent()).toEqual([
      "other=1",
      "a=2; Path=/app; HttpOnly; SameSite=Lax",
      "a=3; Path=/; HttpOnly; SameSite=Lax",
      "b=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax",
    ]);
  });

  test("what is refused changes nothing", () => {
    const { jar, sent } = jarOf("");
    expect(() => jar.set("bad name", "1")).toThrow(TypeError);
    expect(() => jar.set("a", "1", { domain: "x\r\ny" })).toThrow(TypeError);
    expect(sent()).toEqual([]);
    expect(jar.has("a")).toBe(false);
  });
});

describe("signed and encrypted", () => {
  test("come back, and not under another name or from another hand", async () => {
    const { jar, sent } = jarOf("", { keys });
    await jar.setSigned("s", "42");
    await jar.setEncrypted("e", "ü;€");
    expect(await jar.getSigned("s")).toBe("42");
    expect(await jar.getEncrypted("e")).toBe("ü;€");
    const pairs = sent().map((text) => text.slice(0, text.indexOf(";")));
    const next = jarOf(pairs.join("; "), { keys }).jar;
    expect(await next.getSigned("s")).toBe("42");
    expect(await next.getEncrypted("e")).toBe("ü;€");
    expect(await next.getSigned("e")).toBeUndefined();
    expect(await next.getSigned("none")).toBeUndefined();
    const renamed = jarOf(pairs.join("; ").replace("s=", "t="), { keys }).jar;
    expect(await renamed.getSigned("t")).toBeUndefined();
    next.delete("s");
    expect(await next.getSigned("s")).toBeUndefined();
  });

  test("a cookie tossed in from a subdomain does not hide the genuine one", async () => {
    const genuine = await keys.sign("s", "mine");
    const { jar } = jarOf(`s=forged.AAAA; s=${genuine}`, { keys });
    expect(await jar.getSigned("s")).toBe("mine");
  });

  test("without keys the error says what to do", async () => {
    await expect(jarOf("").jar.setSigned("a", "1")).rejects.toThrow("need cookie keys");
    await expect(jarOf("a=1").jar.getEncrypted("a")).rejects.toThrow("need cookie keys");
  });
});
