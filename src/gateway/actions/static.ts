import type { RouteConfig } from "../../config/schema/config.ts";
import type { Handler } from "../../core/handler.ts";
import { staticFiles } from "../../files/static-files.ts";

type StaticAction = Extract<RouteConfig["action"], { type: "static" }>;

/** @throws Error when the root is gone since it was checked */
export function staticFilesAction(action: StaticAction): Handler {
  const { compress, cache, fallback } = action;
  return staticFiles(action.root, {
    index: action.index,
    listing: action.listing,
    etag: action.etag,
    precompressed: action.precompressed,
    compress: compress.enabled && {
      encodings: compress.encodings,
      level: compress.level,
      minBytes: compress.min_bytes,
      maxBytes: compress.max_bytes,
    },
    cacheControl: action.cache_control,
    errorPages: action.error_pages,
    dotfiles: action.dotfiles,
    symlinks: action.symlinks,
    cache: {
      maxBytes: cache.max_bytes,
      maxFileBytes: cache.max_file_bytes,
      intervalMs: cache.interval_ms,
    },
    charset: action.charset,
    trailingSlash: action.trailing_slash,
    mediaTypes: action.media_types,
    ...(fallback && { fallback }),
  });
}
