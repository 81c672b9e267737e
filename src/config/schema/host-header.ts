import * as z from "zod";

/** What is sent as Host: a word, or a host with an optional port. */
export const hostHeader = z
  .string()
  .regex(/^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/, {
    error: 'must be "preserve", "backend", or a host with an optional port',
  });
