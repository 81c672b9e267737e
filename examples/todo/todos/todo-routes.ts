import type { App } from "sluice";
import { z } from "zod";
import type { SignedIn } from "../accounts/identity.ts";
import type { Services } from "../services.ts";
import { NewTodo, Todo, TodoChange, TodoFilter, TodoId } from "./todo.ts";
import { NoSuchTodo } from "./todos.ts";

const tags = ["todos"];
const errors = [NoSuchTodo];

export const todoRoutes = (app: App<undefined, SignedIn, Services>) =>
  app
    .get(
      "/api/todos",
      { query: TodoFilter, returns: z.array(Todo), summary: "Your todos, the newest first", tags },
      ({ deps, vars, query }) => deps.todos.list(vars.user, query),
    )
    .post(
      "/api/todos",
      { body: NewTodo, returns: { 201: Todo }, summary: "Add a todo", tags },
      (c) => c.json(c.deps.todos.add(c.vars.user, c.body.title), 201),
    )
    .get(
      "/api/todos/:id",
      { params: TodoId, returns: Todo, errors, summary: "One todo", tags },
      ({ deps, vars, params }) => deps.todos.find(vars.user, params.id),
    )
    .patch(
      "/api/todos/:id",
      { params: TodoId, body: TodoChange, returns: Todo, errors, summary: "Change a todo", tags },
      ({ deps, vars, params, body }) => deps.todos.change(vars.user, params.id, body),
    )
    .delete(
      "/api/todos/:id",
      { params: TodoId, errors, summary: "Delete a todo and its attachment", tags },
      async ({ deps: { todos, attachments }, vars, params }) => {
        const file = attachments.fileOf(params.id);
        todos.remove(vars.user, params.id);
        await attachments.discard(file);
      },
    );
