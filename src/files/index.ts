export { file } from "./file.ts";
export type { FileOptions } from "./file.ts";
export { saveUpload } from "./save-upload.ts";
export type { SavedUpload, SaveOptions, Upload } from "./save-upload.ts";
export { staticFiles } from "./static-files.ts";
export type { StaticHandler } from "./static-files.ts";
export type {
  CompressOptions,
  FallbackOptions,
  FileCacheOptions,
  StaticOptions,
} from "./options.ts";
