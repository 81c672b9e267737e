// What every peer answers. Each handler computes its value for each request.
import { z } from "zod";

export const NewUser = z.object({
  name: z.string().min(1).max(100),
  email: z.email(),
  age: z.number().int().min(0).max(150),
  tags: z.array(z.string()).max(10),
});

export const hello = () => "Hello, World!";
export const greeting = () => ({ message: "Hello, World!", at: 1_700_000_000, ok: true });

const rows = Array.from({ length: 8_000 }, (_, id) => ({
  id,
  name: `user number ${id}`,
  email: `user${id}@example.com`,
  active: id % 3 === 0,
  score: id * 1.5,
  tags: ["one", "two"],
}));

/** About 1 MB as JSON. */
export const report = () => rows;
