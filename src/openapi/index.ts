export type {
  ExternalDocs,
  Info,
  OpenApiDocument,
  OpenApiServer,
  Operation,
  PathItem,
  Tag,
} from "./document.ts";
export { openapi } from "./openapi.ts";
export type { Documented, OpenApiOptions } from "./openapi.ts";
