import * as z from "zod";
import { field } from "../field.ts";
import { size } from "./size.ts";

export const compress = z.strictObject({
  codings: field(
    z
      .array(z.enum(["br", "zstd", "gzip", "deflate"]))
      .min(1)
      .default(["br", "zstd", "gzip", "deflate"]),
    {
      description: "In the order that decides where a client likes several alike.",
      example: '["gzip"]',
    },
  ),
  min_size: field(size.default(1024), {
    description: "Smaller bodies of a known size stay as they are. Bytes, or a text.",
    example: '"2KiB"',
    expected: 'bytes, or a size such as "2KiB"',
  }),
});
