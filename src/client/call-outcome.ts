import type { Contract } from "../core/app-types.ts";
import type { Reply } from "../core/reply.ts";
import type { InputProblem } from "../core/spec/invalid-input.ts";
import type { AnySchema, OutputOf } from "../core/spec/standard-schema.ts";
import type { TypedReply } from "../core/spec/types.ts";
import type { HttpClientError, HttpClientErrorCode } from "./http-client-error.ts";
import type { ProblemDocument } from "./problem-document.ts";
import type { Json } from "./wire-types.ts";

/** An answer as the contract has it. */
export interface Success<Data, Status extends number> {
  readonly ok: true;
  readonly status: Status;
  readonly data: Data;
  readonly headers: Headers;
}

/** An error that the contract names. */
export interface Failure<Status extends number, Code extends string> {
  readonly ok: false;
  readonly status: Status;
  /** Stable and machine-readable. */
  readonly code: Code;
  /** For people. */
  readonly detail: string;
  readonly problem: ProblemDocument;
  readonly headers: Headers;
}

/** The input was refused: the schemas say why. */
export interface InvalidInputFailure extends Failure<422, "invalid_input"> {
  readonly errors: readonly InputProblem[];
}

/** No code of the contract. At run time it is the text that came; it can be printed, and compared with nothing. */
declare enum UndeclaredCode {
  Any = "undeclared",
}

/**
 * An answer that is an error and not in the contract: from middleware, a proxy on the way, a bug. `code` is
 * the problem document's, or `http_502` and the like where there is none.
 */
export type UndeclaredFailure = Failure<number, UndeclaredCode.Any>;

/** There is no whole answer: see {@link HttpClientErrorCode}. */
export interface NoAnswer {
  readonly ok: false;
  readonly status: 0;
  readonly code: Exclude<HttpClientErrorCode, "bad_status">;
  readonly detail: string;
  readonly problem: ProblemDocument;
  readonly headers: Headers;
  readonly cause: HttpClientError;
}

type Declared<S> = S extends { readonly errors: readonly (infer E)[] }
  ? E extends { readonly status: number; readonly code: string }
    ? Failure<E["status"], E["code"]>
    : never
  : never;

type InputParts = "params" | "query" | "headers" | "cookies" | "body" | "with";

type Refused<S> = [InputParts & keyof S] extends [never] ? never : InvalidInputFailure;

type Plain<R> = R extends string
  ? string
  : R extends Uint8Array | AsyncIterable<unknown> | { pull: unknown; cancel: unknown }
    ? Uint8Array
    : Json<R>;

/** What comes of a handler's result without `returns`. */
type Inferred<R> = R extends Reply | Response
  ? R extends TypedReply<infer V, infer Status>
    ? unknown extends V
      ? Success<unknown, number>
      : Success<Json<V>, Status>
    : Success<unknown, number>
  : R extends undefined | void
    ? Success<undefined, 204>
    : Success<Plain<R>, 200>;

type ByStatus<R> = {
  // What `returns` has for an error is read from `problem` of an undeclared failure.
  [K in keyof R & number]: `${K}` extends `4${string}` | `5${string}`
    ? never
    : Success<Json<OutputOf<R[K]>>, K>;
}[keyof R & number];

type StatusOf<R> = R extends Reply | Response
  ? R extends { readonly "~typed"?: { readonly status: infer Status extends number } }
    ? Status
    : number
  : 200;

type Answered<S, R> = S extends { readonly returns: infer T }
  ? T extends AnySchema
    ? Success<Json<OutputOf<T>>, StatusOf<R>>
    : ByStatus<T>
  : Inferred<R>;

/** What a call comes to: see the guide on the client. */
export type Outcome<C> =
  C extends Contract<infer _P, infer S, infer R>
    ? Answered<S, R> | Declared<S> | Refused<S> | UndeclaredFailure | NoAnswer
    : never;
