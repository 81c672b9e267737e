// 53. Classes with decorators, for those who like them.
import type { Check } from "./check.ts";
import { App } from "sluice";
import type { Context } from "sluice";
import { controller, get, post, routesOf } from "sluice/decorators";
import { z } from "zod";

@controller("/notes")
class Notes {
  readonly #notes: string[] = [];

  @get("/")
  all() {
    return this.#notes;
  }

  @post("/", { body: z.object({ text: z.string() }) })
  add(c: Context) {
    this.#notes.push(c.body.text);
    return c.json({ id: this.#notes.length }, 201);
  }
}

export const app = new App().route("/", routesOf(new Notes()));

export async function check({ ask, equal }: Check) {
  equal((await ask("POST /notes", { json: { text: "milk" } })).json, { id: 1 });
  equal((await ask("GET /notes")).json, ["milk"]);
}
