import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testClient } from "sluice/testing";
import { createTodoApp } from "../../examples/todo/todo-app.ts";

export const password = "correct horse";

/** The application over an empty folder, and a client that is whoever the test says. */
export function startTodo(attempts = 1000) {
  const folder = mkdtempSync(join(tmpdir(), "sluice-todo-"));
  const app = createTodoApp({ folder, attempts });
  const tokens = new Map<string, string>();
  let authorization: string | undefined;
  const { api, cookies, close } = testClient(app, {
    headers: () => (authorization === undefined ? {} : { authorization }),
  });
  return {
    app,
    api,
    cookies,
    folder,
    /** Makes accounts; the first is an admin. */
    async accounts(...names: string[]): Promise<void> {
      for (const name of names) {
        const made = await api["POST /api/users"]({ json: { name, password } });
        const answer = await api["POST /api/token"]({ json: { name, password } });
        if (!made.ok || !answer.ok) throw new Error(`no account for ${name}`);
        tokens.set(name, answer.data.token);
      }
    },
    /** From now on requests are of this account; without one, of nobody. */
    as(name?: string): void {
      if (name !== undefined && !tokens.has(name)) throw new Error(`there is no ${name}`);
      authorization = name === undefined ? undefined : `Bearer ${tokens.get(name)}`;
    },
    /** From now on requests have this token. */
    withToken(token: string): void {
      authorization = `Bearer ${token}`;
    },
    /** The page, which leaves its token against cross-site requests in a cookie. @returns what forms send along */
    async open() {
      const page = await api["GET /"]();
      return {
        page: String(page.ok && page.data),
        headers: { "x-csrf-token": cookies.get("csrf") },
      };
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await close();
      rmSync(folder, { recursive: true });
    },
  };
}
