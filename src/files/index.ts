export { file } from "./file.ts";
export type { FileOptions } from "./file.ts";
export { staticFiles } from "./static-files.ts";
export type { StaticHandler } from "./static-files.ts";
export type {
  CompressOptions,
  FallbackOptions,
  FileCacheOptions,
  StaticOptions,
} from "./options.ts";
