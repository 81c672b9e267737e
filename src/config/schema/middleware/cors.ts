import * as z from "zod";
import { field } from "../field.ts";
import { headerName } from "./header-name.ts";

export const cors = z.strictObject({
  origins: field(
    z
      .array(
        z.string().regex(/^(?:\*|null|[a-z][a-z0-9+.-]*:\/\/(?:\*\.)?[a-z0-9.\-_[\]:]+)$/, {
          error:
            'must be "*" or an origin as browsers write it, such as "https://app.example", without a path',
        }),
      )
      .min(1)
      .default(["*"]),
    {
      description:
        'Pages that may use this: "*" for all (without credentials), origins, and https://*.example.com for one label.',
      example: '["https://app.example.com", "https://*.preview.example.com"]',
    },
  ),
  credentials: field(z.boolean().default(false), {
    description: 'Whether requests may carry cookies and the like. Not with "*".',
    example: "true",
  }),
  methods: field(z.array(headerName).optional(), {
    description: "Methods that may be used. Left out: whichever is asked for.",
    example: '["GET", "POST"]',
  }),
  allow_headers: field(z.array(headerName).optional(), {
    description: "Request fields that may be sent. Left out: whichever are asked for.",
    example: '["X-Api-Key"]',
  }),
  expose_headers: field(z.array(headerName).default([]), {
    description: "Fields of answers that pages may read, beyond those they always may.",
    example: '["X-Request-Id"]',
  }),
  max_age_secs: field(z.int().min(0).max(86_400).default(600), {
    description: "Seconds a browser may remember a preflight.",
    example: "3600",
  }),
});
