import type { Database } from "bun:sqlite";
import type { Tokens } from "./accounts/tokens.ts";
import type { Users } from "./accounts/users.ts";
import type { Changes } from "./changes/changes.ts";
import type { Messages } from "./chat/messages.ts";
import type { Attachments } from "./todos/attachments.ts";
import type { Todos } from "./todos/todos.ts";

/** What handlers find in `c.deps`. */
export interface Services {
  readonly db: Database;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly changes: Changes;
  readonly todos: Todos;
  readonly attachments: Attachments;
  readonly messages: Messages;
}
