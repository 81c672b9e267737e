// 50. Services: made at start, from each other, ended in reverse.
import type { Check } from "./check.ts";
import { Database } from "bun:sqlite";
import { App } from "sluice";

export const app = new App()
  .provide("db", () => new Database(":memory:"), { dispose: (db) => db.close() })
  .provide("notes", ({ db }) => {
    db.run("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)");
    return {
      add: (text: string) => db.run("INSERT INTO notes (text) VALUES (?)", [text]),
      all: () => db.query("SELECT id, text FROM notes").all(),
    };
  })
  .post("/notes", async (c) => {
    c.deps.notes.add(await c.text());
  })
  .get("/notes", ({ deps }) => deps.notes.all());

export async function check({ ask, equal }: Check) {
  equal((await ask("POST /notes", { body: "milk" })).status, 204);
  equal((await ask("GET /notes")).json, [{ id: 1, text: "milk" }]);
}
