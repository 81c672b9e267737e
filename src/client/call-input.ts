import type { Contract } from "../core/app-types.ts";
import type { BodyReader } from "../core/spec/body-reader.ts";
import type { AnySchema, InputOf } from "../core/spec/standard-schema.ts";
import type { PathParams } from "../core/spec/types.ts";
import type { Scalar, Written, WrittenOnce } from "./wire-types.ts";

/** What holds for one call. */
export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds, instead of the client's own. 0 = none. */
  readonly timeout?: number;
  /** What `ALL /path` is called with. Default GET. */
  readonly method?: string;
  /** Header fields besides those the contract names. */
  readonly headers?: Readonly<Record<string, Scalar | null | undefined>>;
}

/** A part is required as soon as something in it is. */
type Needed<Name extends string, V> = object extends V
  ? { readonly [N in Name]?: V }
  : { readonly [N in Name]: V };

type ParamsInput<P extends string, S> = S extends { readonly params: infer X }
  ? Needed<"params", WrittenOnce<InputOf<X>>>
  : P extends `${string}/${":" | "*"}${string}`
    ? Needed<"params", { readonly [K in keyof PathParams<P>]: Scalar }>
    : unknown;

type QueryInput<S> = S extends { readonly query: infer X }
  ? Needed<"query", Written<InputOf<X>>>
  : { readonly query?: Written<unknown> };

type HeadersInput<S> = S extends { readonly headers: infer X }
  ? Needed<"headers", Written<InputOf<X>>>
  : unknown;

/** What a body that is neither JSON nor a form may be sent as. */
export type RawBody =
  | string
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | ReadableStream<Uint8Array>
  | AsyncIterable<string | Uint8Array>;

type BodyInput<S> = S extends { readonly body: infer B }
  ? B extends AnySchema
    ? undefined extends InputOf<B>
      ? { readonly json?: InputOf<B> }
      : { readonly json: InputOf<B> }
    : B extends readonly (infer One)[]
      ? ReadBy<One>
      : ReadBy<B>
  : AnyBody;

/** Where the contract says nothing of a body; one of the two. */
interface AnyBody {
  readonly json?: unknown;
  readonly body?: RawBody | FormData | URLSearchParams;
}

type ReadBy<B> =
  B extends BodyReader<infer I, infer _O>
    ? I extends string
      ? { readonly body: string }
      : I extends Uint8Array
        ? { readonly body: RawBody }
        : I extends { pull: unknown } | null
          ? { readonly body?: RawBody | null }
          : { readonly json: I } | { readonly form: FormData | URLSearchParams | Fields<I> }
    : never;

/** The fields of a form as a caller gives them. */
export type Fields<I> = { readonly [K in keyof I]: I[K] };

type Input<P extends string, S> = ParamsInput<P, S> &
  QueryInput<S> &
  HeadersInput<S> &
  BodyInput<S> &
  CallOptions;

/** The argument after the route: left out where nothing is required. */
export type Arguments<C> =
  C extends Contract<infer P, infer S, infer _R>
    ? object extends Input<P, S>
      ? [input?: Input<P, S>]
      : [input: Input<P, S>]
    : never;
