import type { Database } from "bun:sqlite";
import type { SessionRecord, SessionStore, SessionStoreOptions } from "./session-store.ts";

const SCHEMA = [
  "PRAGMA busy_timeout = 5000",
  "PRAGMA journal_mode = WAL",
  "PRAGMA synchronous = NORMAL",
  `CREATE TABLE IF NOT EXISTS sessions (
    key TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    createdAt INTEGER NOT NULL,
    expiresAt INTEGER NOT NULL,
    data TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS sessions_by_end ON sessions (expiresAt)",
];
const SELECT =
  "SELECT version, createdAt, expiresAt, data FROM sessions WHERE key = ? AND expiresAt > ?";
const UPDATE = `UPDATE sessions SET version = ?, createdAt = ?, expiresAt = ?, data = ?
  WHERE key = ? AND version = ? AND expiresAt > ?`;
// What has expired is not there, though it has not been purged yet.
const INSERT = `INSERT INTO sessions (key, version, createdAt, expiresAt, data) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET version = excluded.version, createdAt = excluded.createdAt,
    expiresAt = excluded.expiresAt, data = excluded.data WHERE sessions.expiresAt <= ?`;

/**
 * Sessions in a table `sessions` of an SQLite database, shared by the processes of one machine. Needs Bun.
 * @example sessions({ store: new SqliteSessions("/var/lib/app/sessions.db") })
 */
export class SqliteSessions implements SessionStore {
  readonly #path: string;
  readonly #now: () => number;
  #opened: Promise<Database> | undefined;
  #closed = false;

  /** @param path a file, which is made if it is missing, or `:memory:` */
  constructor(path: string, { now = Date.now }: SessionStoreOptions = {}) {
    this.#path = path;
    this.#now = now;
  }

  async get(key: string): Promise<SessionRecord | undefined> {
    const query = (await this.#database()).query<SessionRecord, [string, number]>(SELECT);
    return query.get(key, this.#now()) ?? undefined;
  }

  async set(key: string, record: SessionRecord): Promise<boolean> {
    const { version, createdAt, expiresAt, data } = record;
    const database = await this.#database();
    const now = this.#now();
    const { changes } =
      version === 1
        ? database.query(INSERT).run(key, version, createdAt, expiresAt, data, now)
        : database.query(UPDATE).run(version, createdAt, expiresAt, data, key, version - 1, now);
    return changes === 1;
  }

  async touch(key: string, expiresAt: number): Promise<void> {
    const update = "UPDATE sessions SET expiresAt = ? WHERE key = ? AND expiresAt > ?";
    (await this.#database()).query(update).run(expiresAt, key, this.#now());
  }

  async delete(key: string): Promise<void> {
    (await this.#database()).query("DELETE FROM sessions WHERE key = ?").run(key);
  }

  async purge(): Promise<number> {
    const remove = "DELETE FROM sessions WHERE expiresAt <= ?";
    return (await this.#database()).query(remove).run(this.#now()).changes;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const opened = this.#opened;
    this.#opened = undefined;
    (await opened)?.close();
  }

  #database(): Promise<Database> {
    if (this.#closed) throw new Error("the session store is closed");
    return (this.#opened ??= open(this.#path));
  }
}

async function open(path: string): Promise<Database> {
  // Only where it is used, since other runtimes have none.
  const sqlite = await import("bun:sqlite").catch((cause: unknown) => {
    throw new Error("SqliteSessions needs Bun: use FileSessions on other runtimes", { cause });
  });
  const database = new sqlite.Database(path, { create: true });
  for (const statement of SCHEMA) database.run(statement);
  return database;
}
