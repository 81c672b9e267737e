import { z } from "zod";

export const Role = z.enum(["user", "admin"]);

/** Who has an account, as others may see it. */
export const User = z
  .object({ id: z.int().positive(), name: z.string(), role: Role })
  .meta({ id: "User" });
export type User = z.infer<typeof User>;

/** A new account. */
export const NewAccount = z
  .object({
    name: z
      .string()
      .trim()
      .regex(/^[\p{L}\p{N}_.-]{2,32}$/u, "2 to 32 letters, digits and _ . -"),
    password: z.string().min(8, "at least 8 characters").max(200),
  })
  .meta({ id: "NewAccount" });

/** Name and password of an account there may be. */
export const Credentials = z
  .object({ name: z.string().trim().max(200), password: z.string().max(200) })
  .meta({ id: "Credentials" });
export type Credentials = z.infer<typeof Credentials>;
