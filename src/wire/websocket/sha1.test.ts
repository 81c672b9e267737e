import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { acceptKey } from "./accept-key.ts";
import { sha1 } from "./sha1.ts";

test("RFC 6455 1.3: the key of the example", () => {
  expect(acceptKey("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

test("every length around a block, as the platform has it", () => {
  for (let size = 0; size < 200; size++) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 37 + size) & 0xff);
    expect(Buffer.from(sha1(bytes)).toString("hex")).toBe(
      createHash("sha1").update(bytes).digest("hex"),
    );
  }
});
