import { z } from "zod";

const title = z.string().trim().min(1, "say what is to be done").max(200);

export const Attachment = z
  .object({ name: z.string(), type: z.string(), size: z.int() })
  .meta({ id: "Attachment" });
export type Attachment = z.infer<typeof Attachment>;

export const Todo = z
  .object({
    id: z.int().positive(),
    ownerId: z.int().positive(),
    owner: z.string(),
    title: z.string(),
    done: z.boolean(),
    createdAt: z.iso.datetime(),
    attachment: Attachment.optional(),
  })
  .meta({ id: "Todo" });
export type Todo = z.infer<typeof Todo>;

export const NewTodo = z.object({ title }).meta({ id: "NewTodo" });

export const TodoChange = z
  .object({ title, done: z.boolean() })
  .partial()
  .refine((change) => Object.keys(change).length > 0, "give title, done or both")
  .meta({ id: "TodoChange" });
export type TodoChange = z.infer<typeof TodoChange>;

/** The parameter of `/todos/:id`. */
export const TodoId = z.object({
  id: z.coerce.number().int().positive(),
});

export const TodoFilter = z.object({
  done: z.stringbool().optional(),
  search: z.string().max(200).optional(),
});
export type TodoFilter = z.infer<typeof TodoFilter>;
