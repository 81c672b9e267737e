import { expect, test } from "bun:test";
import * as nodeCrypto from "node:crypto";
import { bunPassword } from "./bun-password.ts";
import type { Argon2 } from "./node-password.ts";
import { nodePasswordHashes } from "./node-password.ts";

const { argon2 } = nodeCrypto as unknown as { argon2: Argon2 };
const cost = { memory: 64, passes: 1 };

test("what one runtime hashes the other verifies", async () => {
  const node = nodePasswordHashes(argon2);
  const made = await node.hash("pässword", cost);
  expect(await bunPassword.verify("pässword", made)).toBe(true);
  expect(await node.verify("pässword", made)).toBe(true);
  expect(await node.verify("password", made)).toBe(false);
  const other = await bunPassword.hash("pässword", cost);
  expect(await node.verify("pässword", other)).toBe(true);
  expect(await node.verify("Pässword", other)).toBe(false);
  expect(node.canVerify("argon2")).toBe(true);
});

test("without Argon2 it says what to install", async () => {
  const none = nodePasswordHashes(undefined);
  const hash = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA";
  expect(none.canVerify("argon2")).toBe(false);
  await expect(none.hash("x", cost)).rejects.toThrow("install Node 24.7 or later");
  await expect(none.verify("x", hash)).rejects.toThrow("install Node 24.7 or later");
});

test("what Node cannot read is an error", async () => {
  const node = nodePasswordHashes(argon2);
  expect(node.canVerify("bcrypt")).toBe(false);
  const bcrypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
  await expect(node.verify("x", bcrypt)).rejects.toThrow("cannot read bcrypt");
  await expect(node.verify("x", "rubbish")).rejects.toThrow("no Argon2 hash");
});
