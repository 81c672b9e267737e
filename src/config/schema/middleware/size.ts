import * as z from "zod";
import { parseSize } from "../../../internal/parse-size.ts";

/** Bytes, or a text such as `"10MiB"`. */
export const size = z.union([
  z.int().min(0),
  z.string().superRefine((text, context) => {
    try {
      parseSize(text);
    } catch {
      context.addIssue({ code: "custom", message: 'must be bytes, or a size such as "10MiB"' });
    }
  }),
]);
