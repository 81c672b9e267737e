import * as z from "zod";

/** RFC 9110 5.1. */
export const headerName = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, {
  error: "is no header name: use letters, digits and -",
});
