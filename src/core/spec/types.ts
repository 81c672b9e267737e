import type { Context } from "../context.ts";
import type { ErrorClass } from "../error.ts";
import type { AddedByEach, Middleware, MiddlewareFacts } from "../middleware.ts";
import type { Reply } from "../reply.ts";
import type { Result } from "../handler.ts";
import type { BodyReader } from "./body-reader.ts";
import type { AnySchema, InputOf, OutputOf, Schema } from "./standard-schema.ts";

/** A function of the context that yields a value or throws; see `with` in {@link Spec}. */
export interface Extractor<T = unknown> {
  // oxlint-disable-next-line no-explicit-any
  (c: Context<any>): T | Promise<T>;
  readonly facts?: ExtractorFacts;
}

/** What an extractor tells the contract of the routes that have it. */
export interface ExtractorFacts extends MiddlewareFacts {
  /** What it reads of the request. */
  readonly parameter?: {
    readonly in: "query" | "headers" | "cookies";
    readonly name: string;
    readonly schema?: Schema<unknown, unknown> | undefined;
  };
}

/** What a route declares: types, validation, errors, OpenAPI and the client come from it. */
export interface Spec {
  /** For lists, metrics and OpenAPI's operationId. */
  readonly name?: string;
  readonly summary?: string;
  /** CommonMark. */
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  /** False leaves the route out of the OpenAPI document. */
  readonly documented?: boolean;
  readonly params?: AnySchema;
  readonly query?: AnySchema;
  /** Request headers, by lower-case name; the values are in `c.input.headers`. */
  readonly headers?: AnySchema;
  /** The values are in `c.input.cookies`. */
  readonly cookies?: AnySchema;
  /** A schema means JSON; {@link json}, {@link form}, {@link text} … say otherwise; a list leaves it to the client. */
  readonly body?: AnySchema | BodyReader | readonly BodyReader[];
  /** What is answered, or that for each status. Results are encoded through it: undeclared fields never leave. */
  readonly returns?: AnySchema | { readonly [status: number]: AnySchema };
  /** False sends results as they are, without a walk through `returns`. */
  readonly encode?: boolean;
  readonly errors?: readonly ErrorClass[];
  /** 504 after it, and `c.signal` is aborted. Milliseconds, or `"30s"`. */
  readonly timeout?: number | string;
  /** Most bytes of a body in memory. Bytes, or `"64KiB"`. */
  readonly maxBody?: number | string;
  // oxlint-disable-next-line no-explicit-any
  readonly use?: readonly Middleware<any, any>[];
  /** Values to have in `c.vars`, made once the input is valid. */
  readonly with?: Readonly<Record<string, Extractor>>;
}

/** The parts of a spec that are a type, as handlers see them. */
type Part<S, K extends string, Default> = S extends { readonly [P in K]: infer X extends AnySchema }
  ? OutputOf<X>
  : Default;

/** Parameters of a path literal. */
export type PathParams<P extends string> = P extends `${string}/:${infer Tail}`
  ? Tail extends `${infer Head}/${infer More}`
    ? Param<Head> & PathParams<`/${More}`>
    : Param<Tail>
  : P extends `${string}/*${infer Rest}`
    ? Rest extends ""
      ? unknown
      : { readonly [K in Rest]: string }
    : unknown;

type Param<Segment extends string> = Segment extends `${infer Name}{${string}}?`
  ? { readonly [K in Name]?: string }
  : Segment extends `${infer Name}{${string}}`
    ? { readonly [K in Name]: string }
    : Segment extends `${infer Name}?`
      ? { readonly [K in Name]?: string }
      : { readonly [K in Segment]: string };

/** Query keys without a schema: a repeated key gives a list. */
export type QueryValues = Readonly<Record<string, string | string[] | undefined>>;

type BodyOf<S, Default> = S extends { readonly body: infer B }
  ? B extends AnySchema
    ? OutputOf<B>
    : B extends BodyReader<infer _I, infer O>
      ? O
      : B extends readonly BodyReader<infer _I, infer O>[]
        ? O
        : never
  : Default;

type AddedByAll<S> = S extends { readonly use: infer M extends readonly unknown[] }
  ? AddedByEach<M>
  : unknown;

type Extracted<S> = S extends { readonly with: infer W }
  ? { readonly [K in keyof W]: W[K] extends (c: never) => infer T ? Awaited<T> : never }
  : unknown;

/** What the handler of a route sees. */
export interface HandlerTypes<P extends string, S, State, Vars, Deps> {
  params: Part<S, "params", PathParams<P>>;
  query: Part<S, "query", QueryValues>;
  input: {
    readonly headers: Part<S, "headers", unknown>;
    readonly cookies: Part<S, "cookies", unknown>;
  };
  body: BodyOf<S, import("../../wire/source.ts").Source | null>;
  state: State;
  vars: Vars & AddedByAll<S> & Extracted<S>;
  deps: Deps;
}

/** A reply whose status and value are known to the compiler; see `Context.json`. */
export interface TypedReply<Value, Status extends number> extends Reply {
  readonly "~typed"?: { readonly value: Value; readonly status: Status };
}

/** A reply nothing is known of. */
type OpaqueReply = Reply & { readonly "~typed"?: undefined };

/** What the handler of a route with this spec may answer. */
export type ResultOf<S> = S extends { readonly returns: infer R }
  ? R extends AnySchema
    ? InputOf<R> | OpaqueReply | Response | TypedReply<InputOf<R>, number>
    : R extends { readonly [status: number]: AnySchema }
      ? PerStatus<R> | OpaqueReply | Response
      : never
  : Result;

type PerStatus<R> = {
  [K in keyof R & number]: TypedReply<InputOf<R[K]>, K> | (K extends 200 ? InputOf<R[K]> : never);
}[keyof R & number];
