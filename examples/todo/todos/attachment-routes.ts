import type { App } from "sluice";
import { form } from "sluice";
import { file } from "sluice/files";
import { z } from "zod";
import type { SignedIn } from "../accounts/identity.ts";
import type { Services } from "../services.ts";
import { attachmentType, attachmentTypes, NoAttachment } from "./attachments.ts";
import { Todo, TodoId } from "./todo.ts";
import { NoSuchTodo } from "./todos.ts";

const refused = `attach one of ${attachmentTypes.join(", ")}`;
const Upload = z.object({
  file: z
    .file()
    .min(1, "the file is empty")
    .refine((file) => attachmentType(file) !== undefined, refused),
});
const tags = ["attachments"];

export const attachmentRoutes = (app: App<undefined, SignedIn, Services>) =>
  app
    .put(
      "/api/todos/:id/attachment",
      {
        params: TodoId,
        body: form(Upload),
        // With the form's own lines: files of a little less than this.
        maxBody: "1MiB",
        returns: Todo,
        errors: [NoSuchTodo],
        summary: "Attach a file, in place of the one there was",
        tags,
      },
      async ({ deps: { todos, attachments }, vars, params: { id }, body }) => {
        todos.find(vars.user, id);
        await attachments.put(id, body.file);
        return todos.changed(vars.user, id);
      },
    )
    .get(
      "/api/todos/:id/attachment",
      { params: TodoId, errors: [NoSuchTodo, NoAttachment], summary: "The attached file", tags },
      (c) => {
        const { todos, attachments } = c.deps;
        const stored = attachments.find(todos.find(c.vars.user, c.params.id).id);
        // To be saved, never shown: what people upload does not run under this origin.
        return file(c, stored.file, {
          root: attachments.folder,
          type: stored.type,
          download: stored.name,
          cacheControl: "private, no-cache",
        });
      },
    );
