/** Each runs once, in this order. Add to the end; never change what has run somewhere. AUTOINCREMENT where an id is known outside: none is given twice. */
export const migrations: readonly string[] = [
  `CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    passwordHash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'admin'))
  ) STRICT`,
  `CREATE TABLE todos (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ownerId INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    createdAt TEXT NOT NULL
  ) STRICT;
  CREATE INDEX todos_by_owner ON todos (ownerId, id)`,
  `CREATE TABLE attachments (
    todoId INTEGER PRIMARY KEY REFERENCES todos (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    size INTEGER NOT NULL,
    file TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    sentAt TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`,
];
