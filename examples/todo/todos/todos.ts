import type { Database, SQLQueryBindings } from "bun:sqlite";
import { error } from "sluice";
import type { User } from "../accounts/user.ts";
import type { Changes } from "../changes/changes.ts";
import type { Todo, TodoChange, TodoFilter } from "./todo.ts";

// The same for what is another's: nobody learns what there is.
export const NoSuchTodo = error(404, "todo_not_found", "You have no such todo.");

interface Row {
  id: number;
  ownerId: number;
  owner: string;
  title: string;
  done: number;
  createdAt: string;
  name: string | null;
  type: string | null;
  size: number | null;
}

const SELECT = `SELECT t.id, t.ownerId, u.name AS owner, t.title, t.done, t.createdAt, a.name, a.type, a.size
  FROM todos t JOIN users u ON u.id = t.ownerId LEFT JOIN attachments a ON a.todoId = t.id
  WHERE (t.ownerId = $user OR $all)`;
const LIST = `${SELECT} AND ($done IS NULL OR t.done = $done)
  AND ($search IS NULL OR instr(lower(t.title), lower($search)) > 0) ORDER BY t.id DESC LIMIT 500`;

/** The todos a user may see: their own, and for admins everybody's. */
export class Todos {
  readonly #db: Database;
  readonly #changes: Changes;

  constructor(db: Database, changes: Changes) {
    this.#db = db;
    this.#changes = changes;
  }

  list(user: User, { done, search }: TodoFilter = {}): Todo[] {
    const wanted = { ...visibleTo(user), done: done ?? null, search: search ?? null };
    return this.#db.query<Row, [SQLQueryBindings]>(LIST).all(wanted).map(fromRow);
  }

  /** @throws NoSuchTodo */
  find(user: User, id: number): Todo {
    const query = this.#db.query<Row, [SQLQueryBindings]>(`${SELECT} AND t.id = $id`);
    const row = query.get({ ...visibleTo(user), id });
    if (row === null) throw new NoSuchTodo();
    return fromRow(row);
  }

  add(user: User, title: string): Todo {
    const insert = "INSERT INTO todos (ownerId, title, createdAt) VALUES (?, ?, ?)";
    const added = this.#db.query(insert).run(user.id, title, new Date().toISOString());
    return this.#tell("created", this.find(user, Number(added.lastInsertRowid)));
  }

  /** @throws NoSuchTodo */
  change(user: User, id: number, change: TodoChange): Todo {
    const before = this.find(user, id);
    const { title = before.title, done = before.done } = change;
    this.#db.query("UPDATE todos SET title = ?, done = ? WHERE id = ?").run(title, done, id);
    return this.changed(user, id);
  }

  /** Tells that something of a todo is new. @throws NoSuchTodo */
  changed(user: User, id: number): Todo {
    return this.#tell("changed", this.find(user, id));
  }

  /** @throws NoSuchTodo */
  remove(user: User, id: number): void {
    const todo = this.find(user, id);
    this.#db.query("DELETE FROM todos WHERE id = ?").run(id);
    this.#tell("deleted", todo);
  }

  #tell(kind: "created" | "changed" | "deleted", todo: Todo): Todo {
    this.#changes.publish(kind, todo);
    return todo;
  }
}

function visibleTo(user: User) {
  return { user: user.id, all: user.role === "admin" };
}

function fromRow({ name, type, size, done, ...row }: Row): Todo {
  const attachment = name !== null && type !== null && size !== null && { name, type, size };
  return { ...row, done: done === 1, ...(attachment && { attachment }) };
}
