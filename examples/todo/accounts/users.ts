import type { Database } from "bun:sqlite";
import { error } from "sluice";
import { password } from "sluice/auth";
import type { Credentials, User } from "./user.ts";

export const NameTaken = error(409, "name_taken", "Somebody has this name already.");
export const WrongCredentials = error(401, "wrong_credentials", "Name or password are wrong.");

type Row = User & { passwordHash: string };

// The first account runs the place. In one statement, so that two at once are not both first.
const INSERT = `INSERT INTO users (name, passwordHash, role)
  VALUES (?, ?, CASE WHEN EXISTS (SELECT 1 FROM users) THEN 'user' ELSE 'admin' END)
  ON CONFLICT (name) DO NOTHING RETURNING id, name, role`;

/** Accounts and their passwords. */
export class Users {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  all(): User[] {
    return this.#db.query<User, []>("SELECT id, name, role FROM users ORDER BY id").all();
  }

  find(id: number): User | undefined {
    const select = "SELECT id, name, role FROM users WHERE id = ?";
    return this.#db.query<User, [number]>(select).get(id) ?? undefined;
  }

  /** @throws NameTaken */
  async signUp({ name, password: plain }: Credentials): Promise<User> {
    const hash = await password.hash(plain);
    const user = this.#db.query<User, [string, string]>(INSERT).get(name, hash);
    if (user === null) throw new NameTaken();
    return user;
  }

  /** @throws WrongCredentials after the same time, whether or not there is such a name */
  async signIn({ name, password: plain }: Credentials): Promise<User> {
    const row = this.#db.query<Row, [string]>("SELECT * FROM users WHERE name = ?").get(name);
    const right = await password.verify(plain, row?.passwordHash);
    if (!right || row === null) throw new WrongCredentials();
    const { id, role } = row;
    return { id, name: row.name, role };
  }
}
