import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSessions } from "../../src/session/file-sessions.ts";
import { newSessionId, sessionKey } from "../../src/session/session-id.ts";
import { SqliteSessions } from "../../src/session/sqlite-sessions.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-sessions-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each(["file", "sqlite"])("processes lose nothing of each other's in %s", async (kind) => {
  const place = join(root, kind);
  const store = kind === "file" ? new FileSessions(place) : new SqliteSessions(place);
  const id = newSessionId();
  const key = await sessionKey(id);
  const now = Date.now();
  const record = { version: 1, createdAt: now, expiresAt: now + 60_000, data: "{}" };
  expect(await store.set(key, record)).toBe(true);
  const [processes, count] = [3, 25];
  const script = join(import.meta.dir, "add-from-process.ts");
  const children = Array.from({ length: processes }, (_, index) =>
    Bun.spawn([process.execPath, script, kind, place, id, String(index * count), String(count)], {
      stdout: "inherit",
      stderr: "inherit",
      timeout: 30_000,
    }),
  );
  expect(await Promise.all(children.map((child) => child.exited))).toEqual([0, 0, 0]);
  const last = await store.get(key);
  expect(last?.version).toBe(1 + processes * count);
  expect(Object.keys(JSON.parse(last?.data ?? "{}") as object)).toHaveLength(processes * count);
  await store.close();
});
