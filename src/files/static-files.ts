import type { Context } from "../core/context.ts";
import type { Reply } from "../core/reply.ts";
import { StaticSite } from "./static-site.ts";
import type { StaticOptions } from "./options.ts";

/** A handler that answers at once where it can. */
export type StaticHandler = (c: Context) => Reply | Promise<Reply>;

/**
 * Serves the files below a directory: with index documents, listings, validators, ranges, precompressed and
 * compressed variants, and a bounded memory of hot files. See {@link StaticOptions} for every choice.
 *
 * Replies for files in memory are frozen and shared by requests: a middleware that changes one makes its own
 * with `reply.with(headers)`.
 * @param root the directory
 * @throws Error when the directory is missing; TypeError on a wrong option
 * @example app.add({ path: "/*", handler: staticFiles("./public", { listing: true }) })
 */
export function staticFiles(root: string, options: StaticOptions = {}): StaticHandler {
  const site = new StaticSite(root, options);
  return (c) => site.handle(c);
}
