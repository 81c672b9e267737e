// A complete application; see README.md.
import { createTodoApp } from "./todo-app.ts";

export const app = createTodoApp({ folder: process.env["TODO_DATA"] ?? "todo-data" });
