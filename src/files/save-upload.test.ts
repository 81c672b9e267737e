import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpError } from "../core/errors.ts";
import { sourceFrom } from "../wire/source.ts";
import { saveUpload } from "./save-upload.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-upload-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bodyOf = (...chunks: string[]) => ({ body: sourceFrom(chunks) });

test("a file has a name of its own, and the extension it came with", async () => {
  const folder = join(root, "new/deep");
  const saved = await saveUpload({ ...bodyOf("ab", "cd"), filename: "Photo.JPEG" }, folder);
  expect(saved.name).toMatch(/^[0-9a-f-]{36}\.jpeg$/);
  expect(saved.size).toBe(4);
  expect(saved.path).toBe(join(folder, saved.name));
  expect(readFileSync(saved.path, "utf8")).toBe("abcd");
  expect(statSync(saved.path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual([saved.name]);
  const bare = await saveUpload({ ...bodyOf(), filename: "x.p/hp" }, folder);
  expect([bare.name.length, bare.size]).toEqual([36, 0]);
});

test("chunks that are used again are written as they were", async () => {
  const shared = new Uint8Array(3);
  let round = 0;
  const body = {
    size: undefined,
    pull: () => (round === 3 ? null : shared.fill(0x61 + round++)),
    cancel: () => {},
  };
  const saved = await saveUpload({ body }, root, { name: "shared.txt" });
  expect(readFileSync(saved.path, "utf8")).toBe("aaabbbccc");
});

describe("refused, with nothing left behind", () => {
  const folder = mkdtempSync(join(root, "refused-"));
  writeFileSync(join(folder, "taken.txt"), "first");

  test("a name that is taken, unless it may be replaced", async () => {
    const again = saveUpload(bodyOf("second"), folder, { name: "taken.txt" });
    await expect(again).rejects.toMatchObject({ status: 409, code: "upload_exists" });
    expect(readFileSync(join(folder, "taken.txt"), "utf8")).toBe("first");
    await saveUpload(bodyOf("third"), folder, { name: "taken.txt", overwrite: true });
    expect(readFileSync(join(folder, "taken.txt"), "utf8")).toBe("third");
    expect(readdirSync(folder)).toEqual(["taken.txt"]);
  });

  test.each(["", ".", "..", "../a", "a/b", "a\\b", ".hidden", "a\0", "con", "a."])(
    "the name %p",
    async (name) => {
      await expect(saveUpload(bodyOf("x"), folder, { name })).rejects.toThrow("safe file name");
      expect(readdirSync(folder)).toEqual(["taken.txt"]);
    },
  );

  test("too much", async () => {
    const saving = saveUpload(bodyOf("123", "456"), folder, { maxBytes: 5 });
    await expect(saving).rejects.toMatchObject({ status: 413 });
    await expect(saving).rejects.toBeInstanceOf(HttpError);
    expect(readdirSync(folder)).toEqual(["taken.txt"]);
  });

  test("a body that breaks", async () => {
    const broken = sourceFrom(
      (async function* () {
        yield "half";
        throw new Error("connection reset");
      })(),
    );
    await expect(saveUpload({ body: broken }, folder)).rejects.toThrow("connection reset");
    expect(readdirSync(folder)).toEqual(["taken.txt"]);
  });

  test("a folder that is a file; the body is given up", async () => {
    let cancelled = 0;
    const body = { size: undefined, pull: () => null, cancel: () => void cancelled++ };
    const inside = join(folder, "taken.txt");
    await expect(saveUpload({ body }, inside)).rejects.toThrow();
    expect(cancelled).toBe(1);
  });
});
