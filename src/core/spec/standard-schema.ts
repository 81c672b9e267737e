/**
 * A schema of any library that follows Standard Schema v1 (https://standardschema.dev): zod, Valibot,
 * ArkType and others.
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** JSON Schema, where the library can make it. */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>;
      readonly output: (options: { readonly target: string }) => Record<string, unknown>;
    };
  };
}

/**
 * A schema as a route declares it, told by its one mark: comparing the whole types of a library with the
 * standard's is most of what a route would cost the compiler. {@link isSchema} looks when the route is compiled.
 */
export interface AnySchema {
  readonly "~standard": object;
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** Not in the standard; zod and others give it. */
  readonly code?: string | undefined;
}

/**
 * What a schema takes. Indexed, as inference would compare all of a library's type with the standard's. zod is
 * read where it keeps its types itself: a route has four of them to read, and the way through the standard costs twice as much.
 */
export type InputOf<S> = S extends { readonly _zod: { readonly input: unknown } }
  ? S["_zod"]["input"]
  : S extends { readonly "~standard": { readonly types?: { readonly input: unknown } | undefined } }
    ? NonNullable<S["~standard"]["types"]>["input"]
    : never;

/** What a schema gives, read as {@link InputOf} is. */
export type OutputOf<S> = S extends { readonly _zod: { readonly output: unknown } }
  ? S["_zod"]["output"]
  : S extends {
        readonly "~standard": { readonly types?: { readonly output: unknown } | undefined };
      }
    ? NonNullable<S["~standard"]["types"]>["output"]
    : never;

/** Whether a value is a schema. */
export function isSchema(value: unknown): value is Schema {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  const standard = (value as Partial<Schema>)["~standard"];
  return typeof standard?.validate === "function";
}

/** The schema of a route that was compiled, and so checked. */
export function declaredSchema(declared: AnySchema | undefined): Schema | undefined {
  return declared as Schema | undefined;
}
