import type { Stats } from "node:fs";
import type { Context } from "../core/context.ts";
import { HttpError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import { Reply } from "../core/reply.ts";
import { AcceptanceCache } from "../http/accept-encoding.ts";
import { HeaderList } from "../http/header-list.ts";
import { typeOfFile } from "../http/media-type.ts";
import { Answerer, Changed, notAcceptable } from "./answer.ts";
import type { Entry } from "./entry.ts";
import { errorReply } from "./error-reply.ts";
import { FileCache } from "./file-cache.ts";
import { listDirectory } from "./listing.ts";
import { findSiblings, load } from "./load.ts";
import { OpenFiles } from "./open-files.ts";
import { resolveOptions } from "./options.ts";
import type { StaticOptions, StaticSettings } from "./options.ts";
import type { Representation } from "./representation.ts";
import { stateOf } from "./representation.ts";
import { acceptEncoding, mayBeSpecial, requestFields } from "./request-fields.ts";
import type { RequestFields } from "./request-fields.ts";
import { SiteRoot } from "./site-root.ts";

type Answer = Reply | Promise<Reply>;

const ALLOW = "GET, HEAD, OPTIONS";
/** How often a file that keeps changing is looked at again before giving up. */
const ATTEMPTS = 3;

/** The files below one directory: finds what a path means, keeps it, and answers. */
export class StaticSite {
  readonly #settings: StaticSettings;
  readonly #root: SiteRoot;
  readonly #cache: FileCache;
  readonly #accepts: AcceptanceCache;
  readonly #answerer: Answerer;

  constructor(root: string, options: StaticOptions) {
    const settings = resolveOptions(options);
    this.#settings = settings;
    this.#root = new SiteRoot(root, settings.dotfiles, settings.symlinks);
    this.#cache = new FileCache(settings.cacheBytes);
    this.#accepts = new AcceptanceCache(
      settings.encodings.length > 0 ? settings.encodings : undefined,
    );
    // Nothing is kept of files when nothing is kept in memory.
    const keepMs = settings.cacheBytes === 0 ? 0 : settings.intervalMs;
    this.#answerer = new Answerer(new OpenFiles(this.#root, keepMs), settings);
  }

  /** A hot file costs one look-up, one pass over the names of the request's fields, and no allocation. */
  handle(c: Context): Answer {
    const exchange = c.exchange;
    const method = exchange.method;
    if (method !== "GET" && method !== "HEAD") return this.#otherMethod(c);
    const key = this.#keyOf(c);
    if (key === undefined) return this.#notFound(c);
    return this.#answerKey(c, key);
  }

  /** Answers the file of a key, as {@link handle} does for a path. */
  #answerKey(c: Context, key: string): Answer {
    const now = this.#settings.clock();
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const kept = this.#cache.get(key);
        const fresh =
          kept !== undefined && attempt === 0 && now - kept.checkedAt < this.#settings.intervalMs;
        const found = fresh ? kept : this.#find(c, key, kept, now);
        if (found instanceof Reply || found instanceof Promise) return found;
        try {
          return this.#answerEntry(found, c.exchange);
        } catch (error) {
          if (!(error instanceof Changed)) throw error;
          this.#cache.delete(key);
        }
      }
      throw new HttpError(
        503,
        "file_changing",
        "The file is being changed: try again in a moment.",
      );
    } catch (error) {
      return this.#failed(c, error);
    }
  }

  #answerEntry(entry: Entry, exchange: Exchange): Answer {
    entry.used = true;
    const headers = exchange.headers;
    const fields = mayBeSpecial(headers) ? requestFields(headers) : undefined;
    const accepts = this.#accepts.get(acceptEncoding(headers));
    const shown = entry.choose(accepts, fields?.range !== undefined);
    if (shown === undefined) throw notAcceptable();
    if (!(shown instanceof Promise)) return this.#answer(shown, exchange, fields);
    return shown.then((made) => this.#answer(made, exchange, fields));
  }

  #answer(shown: Representation, exchange: Exchange, fields: RequestFields | undefined): Reply {
    return fields === undefined
      ? this.#answerer.whole(shown, exchange.method)
      : this.#answerer.special(shown, exchange, fields);
  }

  /** The path behind the prefix, without its first slash; undefined when it lies elsewhere. */
  #keyOf(c: Context): string | undefined {
    const prefix = this.#settings.prefix;
    const path = c.path;
    if (prefix === undefined) {
      if (c.rest !== "") return c.rest;
      return path.endsWith("/") ? "" : path.slice(1);
    }
    if (!path.startsWith(prefix)) return undefined;
    if (path.length === prefix.length) return "";
    return path.charCodeAt(prefix.length) === SLASH ? path.slice(prefix.length + 1) : undefined;
  }

  /** Looks a key up on disk. @param kept what was known of it, kept on when nothing has changed */
  #find(c: Context, key: string, kept: Entry | undefined, now: number): Entry | Answer {
    const name = this.#root.nameOf(key);
    const stats = name === undefined ? undefined : this.#root.stat(name);
    if (name === undefined || stats === undefined) return this.#missing(c, key);
    const asDirectory = c.path.endsWith("/");
    if (!stats.isDirectory()) {
      if (!stats.isFile() || asDirectory) return this.#missing(c, key);
      return this.#entry(key, name, stats, kept, now) ?? this.#missing(c, key);
    }
    if (!asDirectory) {
      const redirects = this.#settings.trailingSlash && this.#root.contains(name);
      return redirects ? slashRedirect(c.exchange) : this.#missing(c, key);
    }
    for (const document of this.#settings.index) {
      const file = name === "" ? document : `${name}/${document}`;
      const found = this.#root.stat(file);
      if (found?.isFile() !== true) continue;
      const entry = this.#entry(key, file, found, kept, now);
      if (entry !== undefined) return entry;
    }
    return this.#settings.listing ? this.#list(c, key, name) : this.#missing(c, key);
  }

  async #list(c: Context, key: string, name: string): Promise<Reply> {
    try {
      const reply = await listDirectory(this.#root, name, c);
      return reply ?? this.#notFound(c);
    } catch (error) {
      return this.#failed(c, error);
    } finally {
      this.#cache.delete(key);
    }
  }

  /** The kept entry if it still describes the file, else a new one; undefined when there is none inside the root. */
  #entry(
    key: string,
    name: string,
    stats: Stats,
    kept: Entry | undefined,
    now: number,
  ): Entry | undefined {
    const siblings = findSiblings(this.#root, name, this.#settings);
    let entry = kept?.matches(name, stateOf(stats), siblings) === true ? kept : undefined;
    if (entry === undefined) {
      entry = load(this.#root, name, siblings, this.#settings);
      if (entry === undefined) {
        this.#cache.delete(key);
        return undefined;
      }
      this.#cache.set(key, entry);
    }
    entry.checkedAt = now;
    return entry;
  }

  /** A file by its name, as settings give it: an error page, the document of an application. */
  #named(name: string): Entry | undefined {
    // No canonical path has a NUL, so these keys are apart from those of requests.
    const key = `\0${name}`;
    const now = this.#settings.clock();
    const kept = this.#cache.get(key);
    if (kept !== undefined && now - kept.checkedAt < this.#settings.intervalMs) return kept;
    const stats = this.#root.stat(name);
    return stats?.isFile() === true ? this.#entry(key, name, stats, kept, now) : undefined;
  }

  /** What answers a path without a file. */
  #missing(c: Context, key: string): Entry | Answer {
    this.#cache.delete(key);
    const fallback = this.#settings.fallback;
    if (fallback !== undefined && fallsBack(c.path, key, fallback.exclude)) {
      const entry = this.#named(fallback.document);
      if (entry !== undefined) return entry;
    }
    return this.#notFound(c);
  }

  #notFound(c: Context): Reply {
    return this.#error(c, new HttpError(404, "not_found", "There is no file at this address."));
  }

  /** Answers an error, with the site's own page where it has one. Others go on to the App. */
  #failed(c: Context, error: unknown): Reply {
    if (error instanceof HttpError) return this.#error(c, error);
    throw error;
  }

  #error(c: Context, error: HttpError): Reply {
    const pages = this.#settings.errorPages;
    const status = error.status;
    const name =
      pages[status] ??
      pages[`${Math.floor(status / 10)}x`] ??
      pages[`${Math.floor(status / 100)}xx`];
    if (name === undefined) return errorReply(c.exchange, error);
    try {
      const page = this.#named(name)?.plain;
      if (page === undefined) return errorReply(c.exchange, error);
      const body = this.#answerer.whole(page, c.method).body;
      const headers = error.headers.clone();
      headers.set("Content-Type", page.headers.get("content-type") ?? "text/html");
      if (body === null) headers.set("Content-Length", String(page.size));
      return new Reply(body, status, headers);
    } catch {
      // The page itself cannot be read, perhaps for the same reason.
      return errorReply(c.exchange, error);
    }
  }

  #otherMethod(c: Context): Reply {
    const allow = new HeaderList(["Allow", ALLOW]);
    if (c.method === "OPTIONS") return new Reply(null, 204, allow);
    const text = `Files are read with GET and HEAD, not ${c.method}.`;
    return this.#error(c, new HttpError(405, "method_not_allowed", text, allow));
  }
}

const SLASH = 0x2f;

/**
 * To the same path with a slash (RFC 9110 15.4.2). The target is a path with exactly one slash in front:
 * `//host/` would lead elsewhere.
 */
function slashRedirect(exchange: Exchange): Reply {
  const path = `/${exchange.path.replace(/^\/+/, "")}/`;
  const location = exchange.query === "" ? path : `${path}?${exchange.query}`;
  return new Reply(null, 301, new HeaderList(["Location", location]));
}

/** Whether an application's document answers a path: not for excluded ones, nor for files of a known type. */
function fallsBack(path: string, key: string, exclude: readonly string[]): boolean {
  for (const prefix of exclude) {
    const bare = prefix.replace(/\/+$/, "");
    if (path === bare || path.startsWith(`${bare}/`)) return false;
  }
  const type = typeOfFile(key);
  return type === undefined || type === "text/html";
}
