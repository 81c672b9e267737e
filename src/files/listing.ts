import fs from "node:fs";
import type { Context } from "../core/context.ts";
import { Reply } from "../core/reply.ts";
import { preferredType } from "../http/accept.ts";
import { HeaderList } from "../http/header-list.ts";
import { listingPage } from "./listing-page.ts";
import type { SiteRoot } from "./site-root.ts";

/** One line of a listing. */
export interface ListedFile {
  readonly name: string;
  readonly type: "file" | "directory";
  /** Bytes; of files only. */
  readonly size: number | undefined;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

/** A directory as its visitor sees it. */
export interface Listing {
  /** The site's name, as the visitor called it. */
  readonly host: string;
  /** Decoded names of the way from the site's root, outermost first. */
  readonly trail: readonly string[];
  readonly files: readonly ListedFile[];
  /** How many there are beyond those listed. */
  readonly more: number;
  readonly sort: SortKey;
  readonly order: "asc" | "desc";
}

const SORT_KEYS = ["name", "size", "modified"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** More than this is no longer a page for people. */
const MAX_LISTED = 10_000;
/** Files looked at in one turn of the event loop. */
const BATCH = 256;

// Nothing of a listing runs or loads; it may be framed by its own site.
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/**
 * Lists a directory, as a page or as JSON when `Accept` prefers that. `?sort=name|size|modified` and
 * `?order=asc|desc` sort it. Shown are files and directories that would be served: not dotfiles, links that
 * lead outside, sockets and the like.
 * @param name relative to the root
 * @param limit how many files at most
 * @returns undefined when the directory is gone or lies outside
 * @throws HttpError when it may not be read
 */
export async function listDirectory(
  root: SiteRoot,
  name: string,
  c: Context,
  limit = MAX_LISTED,
): Promise<Reply | undefined> {
  const query = new URLSearchParams(c.exchange.query);
  const sort = SORT_KEYS.find((key) => key === query.get("sort")) ?? "name";
  const order = query.get("order") === "desc" ? "desc" : "asc";
  const found = await root.withDirectory(name, (directory) =>
    readDirectory(root, name, directory, limit),
  );
  if (found === undefined) return undefined;
  const files = found.files.toSorted(comparer(sort, order));
  const trail = name === "" ? [] : name.split("/");
  const host = c.exchange.authority || "/";
  const listing: Listing = { host, trail, files, more: found.more, sort, order };
  const headers = new HeaderList(["Vary", "Accept", "Cache-Control", "no-cache"]);
  const accept = c.requestHeaders.joined("accept");
  if (preferredType(accept, ["text/html", "application/json"]) === "application/json") {
    headers.append("Content-Type", "application/json");
    return new Reply(toJson(listing), 200, headers);
  }
  headers.append("Content-Type", "text/html; charset=utf-8");
  headers.append("Content-Security-Policy", POLICY);
  return new Reply(listingPage(listing), 200, headers);
}

async function readDirectory(
  root: SiteRoot,
  name: string,
  directory: string,
  limit: number,
): Promise<{ files: ListedFile[]; more: number }> {
  const all = await fs.promises.readdir(directory, { withFileTypes: true });
  const entries = all.filter((entry) => root.shows(entry.name, name === ""));
  const listed = entries.slice(0, limit);
  const files: ListedFile[] = [];
  for (let i = 0; i < listed.length; i++) {
    // Looking takes a few microseconds, but thousands of looks must not hold up other requests.
    if (i % BATCH === BATCH - 1) await new Promise<void>((resolve) => setImmediate(resolve));
    const entry = listed[i] as fs.Dirent;
    const inside = name === "" ? entry.name : `${name}/${entry.name}`;
    if (entry.isSymbolicLink() && !root.contains(inside)) continue;
    const file = describe(entry.name, `${directory}/${entry.name}`);
    if (file !== undefined) files.push(file);
  }
  return { files, more: entries.length - listed.length };
}

function describe(name: string, place: string): ListedFile | undefined {
  let stats: fs.Stats | undefined;
  try {
    stats = fs.statSync(place, { throwIfNoEntry: false });
  } catch {
    // It may not be looked at, or its name is no text: then it cannot be served either.
  }
  if (stats === undefined) return undefined;
  const modified = Math.floor(stats.mtimeMs);
  if (stats.isDirectory()) return { name, type: "directory", size: undefined, modified };
  return stats.isFile() ? { name, type: "file", size: stats.size, modified } : undefined;
}

const collator = new Intl.Collator("en", { numeric: true });

/** Directories stay in front; what is equal is in the order of names. */
function comparer(sort: SortKey, order: "asc" | "desc") {
  const sign = order === "asc" ? 1 : -1;
  return (a: ListedFile, b: ListedFile): number => {
    if (a.type !== b.type) return a.type === "directory" ? -1 : 1;
    const byName = collator.compare(a.name, b.name);
    if (sort === "name") return sign * byName;
    const difference = sort === "size" ? (a.size ?? 0) - (b.size ?? 0) : a.modified - b.modified;
    return difference === 0 ? byName : sign * difference;
  };
}

function toJson(listing: Listing): string {
  const files = listing.files.map(({ name, type, size, modified }) => ({
    name,
    type,
    size,
    modified: new Date(modified).toISOString(),
  }));
  const path = `/${listing.trail.map((part) => `${part}/`).join("")}`;
  return `${JSON.stringify({ path, files, more: listing.more }, undefined, 2)}\n`;
}
