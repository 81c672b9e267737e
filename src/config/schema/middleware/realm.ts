import * as z from "zod";
import { field } from "../field.ts";

/** What a challenge names. */
export const realm = field(
  z
    .string()
    .regex(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/, { error: "must be printable ASCII without quotes" })
    .optional(),
  {
    description: "What the challenge (WWW-Authenticate) calls this place.",
    example: '"Members"',
  },
);
