import type { MiddlewareConfig } from "../../config/schema/config.ts";
import type { Middleware } from "../../core/middleware.ts";
import { compress } from "../../middleware/compress/compress.ts";

export function compressOf({ codings, min_size }: MiddlewareConfig["compress"]): Middleware {
  return compress({ codings, minSize: min_size });
}
