import { COARSE_STEP, coarseNow } from "../internal/coarse-clock.ts";
import type { CacheControlRule } from "../http/cache-control-rules.ts";
import { compileCacheControl } from "../http/cache-control-rules.ts";
import type { ContentCoding } from "../http/accept-encoding.ts";
import { CODINGS } from "../http/accept-encoding.ts";
import { defaultLevels } from "../runtime/compress.ts";
import type { CompressionLevels } from "../runtime/platform.ts";

/** How answers are compressed while they are served. */
export interface CompressOptions {
  /** Codings made on the fly; the first wins where the client likes several equally. Default: br, zstd, gzip, deflate. */
  encodings?: readonly ContentCoding[];
  /** Per coding: br 0–11, zstd 1–19, gzip and deflate 1–9. Default: br 4, zstd 3, gzip 6, deflate 6. */
  level?: Partial<CompressionLevels>;
  /** Smaller files are sent as they are. Default 1024 bytes. */
  minBytes?: number;
  /** Larger files are sent as they are, so that big logs do not keep processors busy. Default 64 MiB. */
  maxBytes?: number;
}

/** What of the files is kept in memory. */
export interface FileCacheOptions {
  /** Bytes of contents, compressed variants and headers in all; 0 keeps nothing. Default 64 MiB. */
  maxBytes?: number;
  /** Larger files are streamed from disk; only their metadata is kept. Default 256 KiB. */
  maxFileBytes?: number;
  /** Milliseconds for which a path's file and metadata are taken as unchanged. Default 1000; 0 looks every time. */
  intervalMs?: number;
}

/** Answers paths without a file by one document: single-page applications. */
export interface FallbackOptions {
  /** Relative to the root, such as `index.html`. */
  document: string;
  /** Paths below these prefixes get their 404, such as `/api/`; as the client asks for them. Default none. */
  exclude?: readonly string[];
}

/** Options of {@link staticFiles}. */
export interface StaticOptions {
  /**
   * The part of the path before the files. If left out, a prefix route (`/docs/*`) serves what is behind its
   * prefix, and an exact route its whole path, or the root's own document when it ends in a slash.
   */
  prefix?: string;
  /** Documents that answer for a directory, the first that exists. Default `index.html`. */
  index?: readonly string[];
  /** List directories without such a document. Default false. */
  listing?: boolean;
  /** Strong tags: a digest of the `content` (of files small enough for the cache), or size and `mtime`. Default `content`. */
  etag?: "content" | "mtime";
  /** Serve `file.br`, `file.zst` and `file.gz` beside a file to clients that take them. Default true. */
  precompressed?: boolean;
  /** Compress on the fly. Default true. */
  compress?: boolean | CompressOptions;
  /** `Cache-Control` by glob over the path relative to the root; the first match wins. Default none. */
  cacheControl?: readonly CacheControlRule[];
  /** Answers paths without a file. Default none. */
  fallback?: FallbackOptions;
  /** Files shown for errors of this handler, by status or class: `{ 404: "404.html", "50x": "oops.html" }`. */
  errorPages?: Readonly<Record<string, string>>;
  /** Names that begin with a dot; `.well-known` at the root is always served. Default `deny` (404). */
  dotfiles?: "deny" | "allow";
  /** `inside` follows links that end inside the root; `deny` follows none. Others are 404. Default `inside`. */
  symlinks?: "inside" | "deny";
  /** What is kept in memory. */
  cache?: FileCacheOptions;
  /** Of text types; "" sends none. Default `utf-8`. */
  charset?: string;
  /** Redirect a directory's path to the one with a slash (301); otherwise it is a 404. Default true. */
  trailingSlash?: boolean;
  /** Media types by extension without the dot; they win over the built-in table. */
  mediaTypes?: Readonly<Record<string, string>>;
  /** Milliseconds of a steady clock, for tests. */
  clock?: () => number;
}

/** Options with every default filled in. */
export interface StaticSettings {
  readonly prefix: string | undefined;
  readonly index: readonly string[];
  readonly listing: boolean;
  readonly etag: "content" | "mtime";
  readonly precompressed: boolean;
  /** Codings made on the fly, best first; empty = off. */
  readonly encodings: readonly ContentCoding[];
  readonly levels: CompressionLevels;
  readonly compressMin: number;
  readonly compressMax: number;
  readonly cacheControl: (path: string) => string | undefined;
  readonly fallback: { document: string; exclude: readonly string[] } | undefined;
  readonly errorPages: Readonly<Record<string, string>>;
  readonly dotfiles: "deny" | "allow";
  readonly symlinks: "inside" | "deny";
  readonly cacheBytes: number;
  readonly maxFileBytes: number;
  /** After this long a kept entry is looked at again. */
  readonly intervalMs: number;
  readonly charset: string;
  readonly trailingSlash: boolean;
  readonly mediaTypes: Readonly<Record<string, string>> | undefined;
  readonly clock: () => number;
}

/** @throws TypeError saying which option is wrong */
export function resolveOptions(options: StaticOptions): StaticSettings {
  const compress = typeof options.compress === "object" ? options.compress : {};
  const interval = options.cache?.intervalMs ?? 1000;
  // The coarse clock lags: an interval is shortened by that, so that it is never exceeded.
  const coarse = options.clock === undefined && interval > COARSE_STEP;
  const prefix = options.prefix?.replace(/\/+$/, "");
  if (prefix !== undefined && prefix !== "" && !prefix.startsWith("/")) {
    throw new TypeError(`prefix ${JSON.stringify(options.prefix)} must begin with "/"`);
  }
  return {
    prefix,
    index: options.index ?? ["index.html"],
    listing: options.listing ?? false,
    etag: options.etag ?? "content",
    precompressed: options.precompressed ?? true,
    encodings: options.compress === false ? [] : (compress.encodings ?? CODINGS),
    levels: { ...defaultLevels, ...compress.level },
    compressMin: positive("compress.minBytes", compress.minBytes ?? 1024),
    compressMax: positive("compress.maxBytes", compress.maxBytes ?? 64 * 1024 * 1024),
    cacheControl: compileCacheControl(options.cacheControl ?? []),
    fallback: options.fallback && { exclude: [], ...options.fallback },
    errorPages: options.errorPages ?? {},
    dotfiles: options.dotfiles ?? "deny",
    symlinks: options.symlinks ?? "inside",
    cacheBytes: positive("cache.maxBytes", options.cache?.maxBytes ?? 64 * 1024 * 1024),
    maxFileBytes: positive("cache.maxFileBytes", options.cache?.maxFileBytes ?? 256 * 1024),
    intervalMs: positive("cache.intervalMs", interval) - (coarse ? COARSE_STEP : 0),
    charset: options.charset ?? "utf-8",
    trailingSlash: options.trailingSlash ?? true,
    mediaTypes: options.mediaTypes,
    clock: options.clock ?? (coarse ? coarseNow : () => performance.now()),
  };
}

function positive(name: string, value: number): number {
  if (value >= 0) return value;
  throw new TypeError(`${name} must be a number of at least 0, not ${value}`);
}
