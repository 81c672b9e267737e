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

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** Not in the standard; zod and others give it. */
  readonly code?: string | undefined;
}

/** What a schema takes. Indexed, as inference would compare all of a library's type with the standard's. */
export type InputOf<S> = S extends { readonly "~standard": { readonly types?: unknown } }
  ? NonNullable<S["~standard"]["types"]> extends infer T
    ? "input" extends keyof T
      ? T["input"]
      : never
    : never
  : never;

/** What a schema gives. */
export type OutputOf<S> = S extends { readonly "~standard": { readonly types?: unknown } }
  ? NonNullable<S["~standard"]["types"]> extends infer T
    ? "output" extends keyof T
      ? T["output"]
      : never
    : never
  : never;

/** Whether a value is a schema. */
export function isSchema(value: unknown): value is Schema {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  const standard = (value as Partial<Schema>)["~standard"];
  return typeof standard?.validate === "function";
}
