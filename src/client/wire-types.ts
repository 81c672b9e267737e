/** What comes back from JSON as it was: asked first, since most answers are, and copying a type costs more. */
type Unchanged =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Unchanged[]
  | { readonly [key: string]: Unchanged };

/** What a value is once it has been through JSON. */
export type Json<T> = unknown extends T
  ? T
  : T extends Unchanged
    ? T
    : T extends { toJSON(...args: never): infer J }
      ? Json<J>
      : T extends Unsendable
        ? never
        : T extends readonly unknown[]
          ? { [I in keyof T]: Json<T[I]> }
          : T extends object
            ? { [K in keyof T as T[K] extends Unsendable ? never : K]: Json<T[K]> }
            : never;

/** What JSON leaves out. */
// oxlint-disable-next-line no-explicit-any
type Unsendable = symbol | bigint | ((...args: any) => unknown);

/** What can be written into a path, a query or a header. A `Date` is written as ISO 8601. */
export type Scalar = string | number | bigint | boolean | Date;

/**
 * What a caller may give where the schema takes text: any text takes every {@link Scalar}, as does a schema
 * that coerces; a choice of literals takes these.
 */
export type Written<I> = unknown extends I
  ? { readonly [name: string]: Scalar | readonly Scalar[] | null | undefined }
  : { readonly [K in keyof I]: WrittenValue<I[K]> };

type WrittenValue<V> = unknown extends V
  ? Scalar | readonly Scalar[]
  : string extends V
    ? Scalar | (undefined extends V ? undefined : never) | ListsOf<V>
    : V | ListsOf<V>;

/** As {@link Written}, where there is no room for lists. */
export type WrittenOnce<I> = { readonly [K in keyof I]: OneWritten<I[K]> };

type OneWritten<V> = unknown extends V
  ? Scalar
  : string extends V
    ? Scalar | (undefined extends V ? undefined : never)
    : V;

type ListsOf<V> = V extends readonly (infer E)[] ? readonly WrittenValue<E>[] : never;
