import * as z from "zod";

/** RFC 9110 5.1. */
export const headerName = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, {
  error: "is no header name: use letters, digits and -",
});

/** A name, or how names begin: `X-Auth-*`. */
export const headerNames = z.array(
  z.string().regex(/^[!#$%&'+\-.^_`|~0-9A-Za-z]+\*?$/, {
    error: "is no header name: use letters, digits and -, with * at most at the end",
  }),
);
