export { docs } from "./docs/docs.ts";
export type { DocsOptions } from "./docs/docs.ts";
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
