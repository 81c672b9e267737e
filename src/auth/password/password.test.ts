import { describe, expect, test } from "bun:test";
import { password } from "./password.ts";

const cheap = { memory: 64, passes: 1 };
// bcrypt's own test vector, as $2a$, and its other names.
const bcrypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

describe("password", () => {
  test("hashes with Argon2id and a salt, and verifies", async () => {
    const hash = await password.hash("correct horse", cheap);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22,}\$[A-Za-z0-9+/]{43}$/);
    expect(await password.hash("correct horse", cheap)).not.toBe(hash);
    expect(await password.verify("correct horse", hash)).toBe(true);
    for (const wrong of ["correct hors", "Correct horse", "correct horse ", "", "\0"]) {
      expect(await password.verify(wrong, hash)).toBe(false);
    }
  });

  test("costs what OWASP recommends unless told otherwise", async () => {
    expect(await password.hash("x")).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
  });

  test("takes either way to write an é", async () => {
    const hash = await password.hash("caf\u00e9", cheap);
    expect(await password.verify("cafe\u0301", hash)).toBe(true);
    expect(await password.verify("cafe", hash)).toBe(false);
  });

  test("reads bcrypt hashes under each of their names", async () => {
    for (const name of ["$2a$", "$2b$", "$2y$"]) {
      const hash = bcrypt.replace("$2a$", name);
      expect(await password.verify("U*U", hash)).toBe(true);
      expect(await password.verify("U*V", hash)).toBe(false);
    }
  });

  test("a user there is none of is refused after the same work", async () => {
    expect(await password.verify("anything", undefined)).toBe(false);
  });

  test("a password that is too long is refused before any work", async () => {
    const hash = await password.hash("x", cheap);
    expect(await password.verify("€".repeat(1366), hash)).toBe(false);
    await expect(password.hash("x".repeat(4097), cheap)).rejects.toThrow("4096 bytes");
    expect(await password.hash("x".repeat(4096), cheap)).toStartWith("$argon2id$");
    await expect(password.hash("", cheap)).rejects.toThrow("may not be empty");
  });

  test("a hash that cannot be read is an error, and is not told", async () => {
    for (const broken of [
      "",
      "secret",
      "$argon2id$v=16$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
      "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA",
      "$2b$05$CCCC",
      "$1$abc$def",
    ]) {
      const failure = await password.verify("x", broken).then(
        () => undefined,
        (error: unknown) => error as Error,
      );
      expect(failure).toBeInstanceOf(TypeError);
      if (broken !== "") expect(failure?.message).not.toContain(broken);
    }
  });

  test("a cost that cannot be is refused", async () => {
    for (const options of [{ memory: 7 }, { memory: 64.5 }, { passes: 0 }, { passes: 101 }]) {
      await expect(password.hash("x", options)).rejects.toThrow(RangeError);
    }
  });

  test("says which hashes are to be made anew", async () => {
    const hash = await password.hash("x", { memory: 128, passes: 2 });
    expect(password.needsRehash(hash, { memory: 128, passes: 2 })).toBe(false);
    expect(password.needsRehash(hash, { memory: 64, passes: 1 })).toBe(false);
    expect(password.needsRehash(hash, { memory: 129, passes: 2 })).toBe(true);
    expect(password.needsRehash(hash, { memory: 128, passes: 3 })).toBe(true);
    expect(password.needsRehash(hash)).toBe(true);
    expect(password.needsRehash(hash.replace("argon2id", "argon2i"), cheap)).toBe(true);
    expect(password.needsRehash(bcrypt, cheap)).toBe(true);
    expect(password.needsRehash("rubbish", cheap)).toBe(true);
  });
});
