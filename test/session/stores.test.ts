import { afterAll, describe, expect, test } from "bun:test";
import {
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSessions } from "../../src/session/file-sessions.ts";
import { MemorySessions } from "../../src/session/memory-sessions.ts";
import type { SessionRecord, SessionStore } from "../../src/session/session-store.ts";
import { SqliteSessions } from "../../src/session/sqlite-sessions.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-sessions-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
let clock = 1_700_000_000_000;
const now = () => clock;
const keyOf = (name: string) => new Bun.CryptoHasher("sha256").update(name).digest("hex");
const A = keyOf("a");
const B = keyOf("b");
const record = (version: number, data = "{}", lives = 1000): SessionRecord => ({
  version,
  createdAt: clock,
  expiresAt: clock + lives,
  data,
});

/** Two instances over the same place, as two processes have it. */
const places: Record<string, () => [SessionStore, SessionStore]> = {
  memory: () => {
    const store = new MemorySessions({ now });
    return [store, store];
  },
  file: () => {
    const folder = join(root, `files-${count++}`);
    return [new FileSessions(folder, { now }), new FileSessions(folder, { now })];
  },
  sqlite: () => {
    const file = join(root, `${count++}.db`);
    return [new SqliteSessions(file, { now }), new SqliteSessions(file, { now })];
  },
};

describe.each(Object.entries(places))("a session store in %s", (_, open) => {
  test("keeps what was saved, whole", async () => {
    const [one, two] = open();
    expect(await one.get(A)).toBeUndefined();
    const saved = record(1, JSON.stringify({ text: "ü\n\0€", list: [1, null] }));
    expect(await one.set(A, saved)).toBe(true);
    expect(await two.get(A)).toEqual(saved);
    expect(await two.get(B)).toBeUndefined();
    const next = record(2, '{"a":1}');
    expect(await two.set(A, next)).toBe(true);
    expect(await one.get(A)).toEqual(next);
    await one.delete(A);
    expect(await two.get(A)).toBeUndefined();
    await one.delete(A);
    await Promise.all([one.close(), two.close()]);
  });

  test("takes only the successor of what is there", async () => {
    const [one, two] = open();
    expect(await one.set(A, record(2))).toBe(false);
    expect(await one.set(A, record(1, '"first"'))).toBe(true);
    expect(await two.set(A, record(1, '"again"'))).toBe(false);
    expect(await two.set(A, record(3))).toBe(false);
    expect(await one.set(A, record(2, '"second"'))).toBe(true);
    expect(await two.set(A, record(2, '"late"'))).toBe(false);
    expect((await one.get(A))?.data).toBe('"second"');
    await one.delete(A);
    expect(await two.set(A, record(3))).toBe(false);
    expect(await two.get(A)).toBeUndefined();
    await Promise.all([one.close(), two.close()]);
  });

  test("of many saves at once, one wins each version", async () => {
    const stores = open();
    await stores[0].set(A, record(1, "[]"));
    const add = async (value: number): Promise<void> => {
      const store = stores[value % 2] as SessionStore;
      for (;;) {
        const found = (await store.get(A)) as SessionRecord;
        const data = JSON.stringify([...(JSON.parse(found.data) as number[]), value]);
        if (await store.set(A, record(found.version + 1, data))) return;
      }
    };
    const values = Array.from({ length: 12 }, (__, value) => value);
    await Promise.all(values.map(add));
    const last = (await stores[0].get(A)) as SessionRecord;
    expect(last.version).toBe(13);
    expect((JSON.parse(last.data) as number[]).toSorted((a, b) => a - b)).toEqual(values);
    await Promise.all(stores.map((store) => store.close()));
  });

  test("a deletion stays one, whatever is being saved meanwhile", async () => {
    const [one, two] = open();
    for (let round = 0; round < 10; round++) {
      const key = keyOf(`round ${round}`);
      await one.set(key, record(1));
      const saves = Promise.all([two.set(key, record(2)), two.set(key, record(2))]);
      await Promise.all([one.delete(key), saves]);
      await saves;
      expect(await one.get(key)).toBeUndefined();
      expect(await two.get(key)).toBeUndefined();
    }
    await Promise.all([one.close(), two.close()]);
  });

  test("forgets what has expired; touching moves the end", async () => {
    const [one, two] = open();
    await one.set(A, record(1, '"a"'));
    await one.set(B, record(1, '"b"'));
    clock += 600;
    await two.touch(B, clock + 1000);
    await two.touch(keyOf("none"), clock + 1000);
    clock += 600;
    expect(await one.get(A)).toBeUndefined();
    expect((await one.get(B))?.data).toBe('"b"');
    expect(await one.set(A, record(2))).toBe(false);
    // Its place is free, though nobody has purged.
    expect(await one.set(A, record(1, '"new"'))).toBe(true);
    expect((await two.get(A))?.data).toBe('"new"');
    clock += 600;
    expect(await two.purge()).toBe(1);
    clock += 600;
    expect(await one.purge()).toBe(1);
    expect(await one.purge()).toBe(0);
    expect(await one.get(A)).toBeUndefined();
    await Promise.all([one.close(), two.close()]);
  });
});

test("memory holds no more than it may", async () => {
  const store = new MemorySessions({ maxSessions: 2, now });
  await store.set(A, record(1));
  await store.set(B, record(1));
  await store.set(A, record(2));
  await store.set(keyOf("c"), record(1));
  expect([await store.get(A), await store.get(B)].map((found) => found?.version)).toEqual([
    2,
    undefined,
  ]);
});

test("files are their owner's alone, and nothing is left behind", async () => {
  const folder = join(root, "modes");
  const store = new FileSessions(folder, { now });
  await store.set(A, record(1));
  await store.set(A, record(2));
  const place = join(folder, A.slice(0, 2), A);
  expect(readdirSync(place)).toEqual(["2"]);
  expect(readdirSync(folder)).toEqual([A.slice(0, 2)]);
  expect(statSync(join(place, "2")).mode & 0o777).toBe(0o600);
  expect(statSync(place).mode & 0o777).toBe(0o700);
  await store.delete(A);
  expect(readdirSync(join(folder, A.slice(0, 2)))).toEqual([]);
});

test("a file whose name was free only because two later saves have passed by is no save", async () => {
  const folder = join(root, "overtaken");
  const place = join(folder, A.slice(0, 2), A);
  let overtake = false;
  // Asked in the middle of a save, after it has seen version 1.
  const store = new FileSessions(folder, {
    now: () => {
      if (overtake) {
        overtake = false;
        writeFileSync(join(place, "3"), JSON.stringify({ createdAt: clock, data: '"third"' }));
        utimesSync(join(place, "3"), clock / 1000 + 60, clock / 1000 + 60);
        renameSync(join(place, "1"), join(folder, ".gone"));
      }
      return clock;
    },
  });
  await store.set(A, record(1));
  overtake = true;
  expect(await store.set(A, record(2, '"second"'))).toBe(false);
  expect(readdirSync(place)).toEqual(["3"]);
  expect((await store.get(A))?.data).toBe('"third"');
});

test("a save that another one was made of at once is a save", async () => {
  const folder = join(root, "followed");
  const place = join(folder, A.slice(0, 2), A);
  const store = new FileSessions(folder, { now });
  const next = new FileSessions(folder, { now });
  await store.set(A, record(1));
  // Saves again as soon as the second version can be seen, which is before its own save has looked around.
  const following = (async () => {
    while ((await next.get(A))?.version !== 2) continue;
    return next.set(A, record(3, '"third"'));
  })();
  expect(await store.set(A, record(2, '"second"'))).toBe(true);
  expect(await following).toBe(true);
  expect(readdirSync(place)).toEqual(["3"]);
});

test("a key that is no hash never becomes a path", async () => {
  const store = new FileSessions(join(root, "paths"));
  for (const key of ["", "..", "../../etc/passwd", A.toUpperCase()]) {
    await expect(store.get(key)).rejects.toThrow("SHA-256");
  }
});

test("a database that cannot be opened says why; a closed store is closed", async () => {
  await expect(new SqliteSessions(join(root, "none/x.db")).get(A)).rejects.toThrow("open");
  const store = new SqliteSessions(":memory:");
  await store.get(A);
  await store.close();
  await expect(store.get(A)).rejects.toThrow("closed");
});

test("a session's file that was cut off is no session, and in nobody's way", async () => {
  const folder = join(root, "damaged");
  const store = new FileSessions(folder, { now });
  for (const text of ["", '{"createdAt":1,"da', "[]", "null", '{"createdAt":1}']) {
    await store.set(A, record(1));
    const file = join(folder, A.slice(0, 2), A, "1");
    const { mtime } = statSync(file);
    writeFileSync(file, text);
    utimesSync(file, mtime, mtime);
    expect(await store.get(A)).toBeUndefined();
    expect(await store.set(A, record(1, '{"a":1}'))).toBe(true);
    expect(await store.get(A)).toEqual(record(1, '{"a":1}'));
    await store.delete(A);
  }
});
