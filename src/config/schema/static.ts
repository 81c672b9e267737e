import * as z from "zod";
import { resolveOptions } from "../../files/options.ts";
import { CODINGS } from "../../http/accept-encoding.ts";
import { compileGlob } from "../../http/glob.ts";
import { field } from "./field.ts";
import { headerValue, nonEmpty } from "./text.ts";

const D = resolveOptions({});
const bytes = z.int().min(0);

const glob = nonEmpty.superRefine((pattern, context) => {
  try {
    compileGlob(pattern);
  } catch (error) {
    const message = `is no glob: ${(error as Error).message}`;
    context.addIssue({ code: "custom", message });
  }
});

const compress = z.strictObject({
  enabled: field(z.boolean().default(D.encodings.length > 0), {
    description: "Compresses files of compressible types while they are served.",
    example: "false",
  }),
  encodings: field(
    z
      .array(z.enum(CODINGS))
      .min(1)
      .default([...D.encodings]),
    {
      description: "Codings that are made; the first wins where a client likes several equally.",
      example: '["br", "gzip"]',
      expected: 'a list of "br", "zstd", "gzip" and "deflate"',
    },
  ),
  level: field(
    z
      .strictObject({
        br: field(z.int().min(0).max(11).default(D.levels.br), {
          description: "Level of brotli. Above 5 it is too slow for most servers.",
          example: "5",
        }),
        zstd: field(z.int().min(1).max(19).default(D.levels.zstd), {
          description: "Level of zstd.",
          example: "3",
        }),
        gzip: field(z.int().min(1).max(9).default(D.levels.gzip), {
          description: "Level of gzip.",
          example: "6",
        }),
        deflate: field(z.int().min(1).max(9).default(D.levels.deflate), {
          description: "Level of deflate.",
          example: "6",
        }),
      })
      .prefault({}),
    { description: "How hard to compress." },
  ),
  min_bytes: field(bytes.default(D.compressMin), {
    description: "Smaller files, in bytes, are sent as they are.",
    example: "1024",
  }),
  max_bytes: field(bytes.default(D.compressMax), {
    description: "Larger files, in bytes, are sent as they are.",
    example: "67108864",
  }),
});

const cache = z.strictObject({
  max_bytes: field(bytes.default(D.cacheBytes), {
    description:
      "Bytes of contents, compressed variants and headers kept in memory. 0 keeps nothing.",
    example: "67108864",
  }),
  max_file_bytes: field(bytes.default(D.maxFileBytes), {
    description: "Larger files, in bytes, are streamed from disk; only their metadata is kept.",
    example: "262144",
  }),
  interval_ms: field(z.int().min(0).max(86_400_000).default(1000), {
    description:
      "Milliseconds for which a file is taken as unchanged before it is looked at again. 0 looks every time.",
    example: "1000",
  }),
});

const fallback = z.strictObject({
  document: field(nonEmpty.default("index.html"), {
    description:
      "The file, relative to the root, that answers paths without one: for single-page applications.",
    example: '"index.html"',
  }),
  exclude: field(
    z.array(z.string().startsWith("/", { error: 'must begin with "/"' })).default([]),
    {
      description: "Paths below these prefixes get their 404.",
      example: '["/api/"]',
    },
  ),
});

const errorPages = z.record(z.string(), nonEmpty).superRefine((pages, context) => {
  for (const key of Object.keys(pages)) {
    if (/^[45](?:\d\d|\dx|xx)$/.test(key)) continue;
    const message = 'must be a status such as 404, or a class: "40x", "50x", "4xx", "5xx"';
    context.addIssue({ code: "custom", path: [key], message, params: { part: "key" } });
  }
});

/** `type = "static"`: the options of `staticFiles` in the snake case of TOML. */
export const staticAction = z.strictObject({
  type: field(z.literal("static"), {
    description: "Serves the files of a directory.",
    example: '"static"',
  }),
  root: field(nonEmpty, {
    description: "The directory whose files are served, relative to the file that says so.",
    example: '"./public"',
    expected: "the path of a directory",
    path: true,
  }),
  index: field(z.array(nonEmpty).default([...D.index]), {
    description: "Documents that answer for a directory: the first that exists.",
    example: '["index.html", "index.htm"]',
  }),
  listing: field(z.boolean().default(D.listing), {
    description: "Lists directories that have no such document.",
    example: "true",
  }),
  etag: field(z.enum(["content", "mtime"]).default(D.etag), {
    description: 'How ETags are made: a digest of the "content", or size and "mtime".',
    example: '"mtime"',
  }),
  precompressed: field(z.boolean().default(D.precompressed), {
    description: "Serves file.br, file.zst and file.gz beside a file to clients that take them.",
    example: "false",
  }),
  compress: field(compress.prefault({}), { description: "Compression on the fly." }),
  cache_control: field(
    z
      .array(
        z.strictObject({
          files: field(glob, {
            description:
              "A glob over paths relative to the root: ** stands for any number of folders.",
            example: '"assets/**"',
          }),
          value: field(headerValue.min(1), {
            description: "The value of Cache-Control.",
            example: '"public, max-age=31536000, immutable"',
          }),
        }),
      )
      .default([]),
    { description: "Cache-Control by file name: the first rule that matches decides." },
  ),
  fallback: field(fallback.optional(), {
    description: "Answers paths without a file by one document. Off unless the table is there.",
  }),
  error_pages: field(errorPages.default({}), {
    description: "Files shown for errors, by status or class, relative to the root.",
    example: '{ 404 = "404.html", 50x = "oops.html" }',
  }),
  dotfiles: field(z.enum(["deny", "allow"]).default(D.dotfiles), {
    description:
      "Files whose name begins with a dot: answered with 404, or served. /.well-known is always served.",
    example: '"allow"',
  }),
  symlinks: field(z.enum(["inside", "deny"]).default(D.symlinks), {
    description:
      'Symbolic links: "inside" follows those that end inside the root, "deny" follows none.',
    example: '"deny"',
  }),
  cache: field(cache.prefault({}), { description: "What of the files is kept in memory." }),
  charset: field(
    z
      .string()
      .regex(/^[\w.:-]*$/, { error: 'must be the name of a charset, or ""' })
      .default(D.charset),
    {
      description: 'The charset of text types; "" sends none.',
      example: '"utf-8"',
    },
  ),
  trailing_slash: field(z.boolean().default(D.trailingSlash), {
    description:
      "Redirects a directory's path to the one with a slash; otherwise it is answered with 404.",
    example: "false",
  }),
  media_types: field(z.record(z.string(), headerValue.min(1)).default({}), {
    description: "Media types by extension without the dot; they win over the built-in table.",
    example: '{ glb = "model/gltf-binary" }',
  }),
});
