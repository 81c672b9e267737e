import { describe, expect, test } from "bun:test";
import { CookieKeys } from "./cookie-keys.ts";

const A = "a".repeat(32);
const B = "b".repeat(32);

type Way = { seal: "sign" | "encrypt"; open: "verify" | "decrypt" };

describe.each<Way>([
  { seal: "sign", open: "verify" },
  { seal: "encrypt", open: "decrypt" },
])("$seal and $open", ({ seal, open }) => {
  test("give a value back, whatever it is", async () => {
    const keys = new CookieKeys([A]);
    for (const value of ["", "x", "a.b.c", "ü €", "x".repeat(3000)]) {
      expect(await keys[open]("id", await keys[seal]("id", value))).toBe(value);
    }
  });

  test("rotate: the first key makes, all of them read", async () => {
    const before = await new CookieKeys([A])[seal]("id", "1");
    const rotated = new CookieKeys([B, A]);
    expect(await rotated[open]("id", before)).toBe("1");
    const after = await rotated[seal]("id", "2");
    expect(await new CookieKeys([B])[open]("id", after)).toBe("2");
    expect(await new CookieKeys([A])[open]("id", after)).toBeUndefined();
  });

  test("know the name", async () => {
    const keys = new CookieKeys([A]);
    expect(await keys[open]("admin", await keys[seal]("guest", "1"))).toBeUndefined();
  });

  test("see any change", async () => {
    const keys = new CookieKeys([A]);
    const text = await keys[seal]("id", "value");
    for (let i = 0; i < text.length; i++) {
      const other = text[i] === "A" ? "B" : "A";
      expect(await keys[open]("id", text.slice(0, i) + other + text.slice(i + 1))).toBeUndefined();
      expect(await keys[open]("id", text.slice(0, i))).toBeUndefined();
    }
    for (const junk of ["", ".", "value.", ".AAAA", "%", `${text}A`, `${text}=`, "é"]) {
      expect(await keys[open]("id", junk)).toBeUndefined();
    }
  });
});

test("an encrypted value is not read by verify, and hides what it holds", async () => {
  const keys = new CookieKeys([A]);
  const one = await keys.encrypt("id", "secret");
  expect(one).not.toBe(await keys.encrypt("id", "secret"));
  expect(atob(one.replaceAll("-", "+").replaceAll("_", "/"))).not.toContain("secret");
  expect(await keys.verify("id", one)).toBeUndefined();
});

test("a signature is HMAC-SHA256 of a key made by HKDF", async () => {
  const material = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(A),
    "HKDF",
    false,
    ["deriveBits"],
  );
  const info = new TextEncoder().encode("sluice cookie signature");
  const bits = await crypto.subtle.deriveBits(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info },
    material,
    256,
  );
  const expected = new Bun.CryptoHasher("sha256", Buffer.from(bits)).update("id=v");
  expect(await new CookieKeys([A]).sign("id", "v")).toBe(`v.${expected.digest("base64url")}`);
});

test("weak secrets are refused, and not shown", () => {
  expect(() => new CookieKeys([])).toThrow("at least one secret");
  expect(() => new CookieKeys([A, "hunter2"])).toThrow("secret 2 of 2");
  expect(() => new CookieKeys([undefined as unknown as string])).toThrow(
    "secret 1 of 1 is missing",
  );
  try {
    new CookieKeys(["hunter2"]);
  } catch (error) {
    expect((error as Error).message).not.toContain("hunter2");
  }
});
