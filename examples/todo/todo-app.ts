import { join } from "node:path";
import { App } from "sluice";
import { csrf } from "sluice/auth";
import { staticFiles } from "sluice/files";
import { securityHeaders } from "sluice/middleware";
import { docs } from "sluice/openapi";
import { sessions, SqliteSessions } from "sluice/session";
import { accountRoutes, ownAccountRoutes } from "./accounts/account-routes.ts";
import type { SessionData } from "./accounts/identity.ts";
import { hasToken, identity, signedIn } from "./accounts/identity.ts";
import { Tokens } from "./accounts/tokens.ts";
import { Users } from "./accounts/users.ts";
import { Changes } from "./changes/changes.ts";
import { feed } from "./changes/feed.ts";
import { chat } from "./chat/chat.ts";
import { Messages } from "./chat/messages.ts";
import { openDatabase } from "./database/open-database.ts";
import { attachmentRoutes } from "./todos/attachment-routes.ts";
import { Attachments } from "./todos/attachments.ts";
import { todoRoutes } from "./todos/todo-routes.ts";
import { Todos } from "./todos/todos.ts";
import { pageRoutes } from "./web/page-routes.ts";

export interface TodoOptions {
  /** Where the database and the attachments are; made if it is missing. */
  readonly folder: string;
  /** How often a client may try to sign in or up in a minute. Default 20. */
  readonly attempts?: number;
}

const assets = new URL("web/assets", import.meta.url).pathname;

/** The whole application. Nothing is opened before it starts. */
export function createTodoApp({ folder, attempts = 20 }: TodoOptions) {
  const store = new SqliteSessions(join(folder, "sessions.db"));
  return (
    new App()
      .provide("db", () => openDatabase(join(folder, "todo.db")), { dispose: (db) => db.close() })
      .provide("sessions", () => store, { dispose: () => store.close() })
      .provide("users", ({ db }) => new Users(db))
      .provide("tokens", ({ db }) => new Tokens(db))
      .provide("changes", () => new Changes())
      .provide("todos", ({ db, changes }) => new Todos(db, changes))
      .provide("attachments", ({ db }) => new Attachments(db, join(folder, "attachments")))
      .provide("messages", ({ db }) => new Messages(db))
      .use(securityHeaders())
      .use(docs({ title: "Todo", version: "1.0.0" }))
      .add({ path: "/assets/*", handler: staticFiles(assets), spec: { documented: false } })
      .group([], (inner) => accountRoutes(inner, attempts))
      // What is above needs to know nobody, and looks at no cookie.
      .use(sessions<SessionData>({ store, idle: "7d" }))
      // Tokens come along with nothing unasked; a WebSocket over HTTP/2 (CONNECT) is judged by its own Origin check.
      .use(csrf({ token: {}, skip: (c) => hasToken(c) || c.method === "CONNECT" }))
      .use(identity)
      .group([], (inner) => pageRoutes(inner, attempts))
      .group([signedIn], ownAccountRoutes)
      .group([signedIn], todoRoutes)
      .group([signedIn], attachmentRoutes)
      .group([signedIn], feed)
      .group([signedIn], chat)
  );
}
