import type { SecurityScheme } from "../core/middleware.ts";
import type { JsonSchema } from "./json-schema.ts";

/** An OpenAPI 3.1 document, as far as Sluice writes one: https://spec.openapis.org/oas/v3.1.1.html */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Info;
  readonly servers?: readonly OpenApiServer[];
  readonly tags?: readonly Tag[];
  readonly externalDocs?: ExternalDocs;
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components?: ComponentsObject;
}

export interface Info {
  /** The name of the API. */
  readonly title: string;
  /** The version of the API, not of OpenAPI. */
  readonly version: string;
  readonly summary?: string;
  /** CommonMark. */
  readonly description?: string;
  readonly termsOfService?: string;
  readonly contact?: { readonly name?: string; readonly url?: string; readonly email?: string };
  readonly license?: { readonly name: string; readonly identifier?: string; readonly url?: string };
}

/** Where the API is. */
export interface OpenApiServer {
  /** May be relative to where the document is served. */
  readonly url: string;
  readonly description?: string;
  readonly variables?: Readonly<
    Record<
      string,
      { readonly default: string; readonly enum?: readonly string[]; readonly description?: string }
    >
  >;
}

export interface Tag {
  readonly name: string;
  readonly description?: string;
  readonly externalDocs?: ExternalDocs;
}

export interface ExternalDocs {
  readonly url: string;
  readonly description?: string;
}

export type Reference = { readonly $ref: string };

/** Operations by method, in lower case. */
export type PathItem = Readonly<Record<string, Operation>>;

export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: true;
  readonly servers?: readonly OpenApiServer[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: RequestBody;
  readonly responses: Readonly<Record<string, OpenApiResponse | Reference>>;
  readonly security?: readonly SecurityRequirement[];
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required?: true;
  readonly description?: string;
  readonly deprecated?: true;
  readonly schema: JsonSchema;
}

export interface MediaType {
  readonly schema?: JsonSchema;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface RequestBody {
  readonly required?: true;
  readonly content: Readonly<Record<string, MediaType>>;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly content?: Readonly<Record<string, MediaType>>;
}

/** Schemes that must all be met. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

export interface ComponentsObject {
  readonly schemas?: Readonly<Record<string, JsonSchema>>;
  readonly responses?: Readonly<Record<string, OpenApiResponse>>;
  readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
}
