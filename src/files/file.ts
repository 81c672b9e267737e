import path from "node:path";
import type { Context } from "../core/context.ts";
import { HttpError } from "../core/errors.ts";
import type { Reply } from "../core/reply.ts";
import { Answerer, Changed } from "./answer.ts";
import { load } from "./load.ts";
import { OpenFiles } from "./open-files.ts";
import { resolveOptions } from "./options.ts";
import { requestFields } from "./request-fields.ts";
import { SiteRoot } from "./site-root.ts";

/** Options of {@link file}. */
export interface FileOptions {
  /**
   * The directory the path is relative to and must stay in, links included. Give it whenever the path comes
   * from a request; without it the path is trusted.
   */
  root?: string;
  /** The media type; by the extension if left out. */
  type?: string;
  /** Offer it for saving, under this name or, with `true`, its own. */
  download?: boolean | string;
  /** The `Cache-Control` value. */
  cacheControl?: string;
}

const settings = resolveOptions({
  precompressed: false,
  compress: false,
  etag: "mtime",
  cache: { maxBytes: 0 },
});

/**
 * Answers one file, with validators, preconditions and ranges, streamed from disk.
 * @throws HttpError 404 when there is no such file, 403 when it may not be read, 412, 416 …; 405 is the route's business
 * @example app.get("/report", (c) => file(c, "./out/report.pdf", { download: "report 2026.pdf" }))
 */
export function file(c: Context, name: string, options: FileOptions = {}): Reply {
  const [root, inside] = locate(name, options.root);
  const answerer = new Answerer(new OpenFiles(root, 0), settings);
  for (let attempt = 0; attempt < 3; attempt++) {
    const entry = root.stat(inside)?.isFile() ? load(root, inside, new Map(), settings) : undefined;
    if (entry === undefined) throw notFound();
    try {
      const reply = answerer.special(entry.plain, c.exchange, requestFields(c.requestHeaders));
      return decorate(reply, inside, options);
    } catch (error) {
      if (!(error instanceof Changed)) throw error;
    }
  }
  throw new HttpError(503, "file_changing", "The file is being changed: try again in a moment.");
}

function locate(name: string, root: string | undefined): [SiteRoot, string] {
  if (root === undefined) {
    const absolute = path.resolve(name);
    // The file itself is trusted; so is wherever a link of that name leads.
    return [
      new SiteRoot(path.parse(absolute).root, "allow", "inside"),
      absolute.slice(path.parse(absolute).root.length),
    ];
  }
  const site = new SiteRoot(root, "deny", "inside");
  if (!site.allows(name)) throw notFound();
  return [site, name];
}

function notFound(): HttpError {
  return new HttpError(404, "not_found", "There is no such file.");
}

function decorate(reply: Reply, name: string, options: FileOptions): Reply {
  const { type, download, cacheControl } = options;
  if (reply.status >= 400) return reply;
  if (type === undefined && !download && cacheControl === undefined) return reply;
  const headers = reply.headers.clone();
  if (cacheControl !== undefined) headers.set("Cache-Control", cacheControl);
  if (reply.status !== 304) {
    const several = headers.get("content-type")?.startsWith("multipart/byteranges") === true;
    if (type !== undefined && !several) headers.set("Content-Type", type);
    if (download) {
      headers.set(
        "Content-Disposition",
        attachment(download === true ? path.basename(name) : download),
      );
    }
  }
  return reply.with(headers);
}

/** `Content-Disposition: attachment` with a name in any script (RFC 6266 4.3, RFC 8187). */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  if (plain === name) return `attachment; filename="${plain}"`;
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
