import { GuestError } from "../errors.ts";
import type { Payload, PlainData } from "./abi.ts";

/** The entry by which an ABI that can answers a request: its input is an {@link HttpRequestMessage}. */
export const HANDLE_REQUEST = "handle_request";
/** The entry by which an ABI that can looks at the answer of what is inside: {@link HttpResponseMessage}. */
export const HANDLE_RESPONSE = "handle_response";
/** The entry that tells which {@link HttpFeature}s a module has asked for at its start, as a number. */
export const HTTP_FEATURES = "http_features";

/** Bits of `enable_features` of http-wasm. */
export const HttpFeature = { bufferRequest: 1, bufferResponse: 2, trailers: 4 } as const;

/** A request as guests see it. Strings are bytes as characters (latin-1), as everywhere in the house. */
export interface HttpRequestMessage {
  readonly [key: string]: PlainData;
  readonly method: string;
  /** Path and query, as they are to be sent on: `/a%20b?c=d`. */
  readonly uri: string;
  /** `HTTP/1.1`, `HTTP/2.0` … */
  readonly protocol: string;
  /** `1.2.3.4:5678` or `[::1]:5678`. */
  readonly source: string;
  readonly scheme: string;
  readonly host: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Undefined when it was not read: the guest is not given it then. */
  readonly body: Uint8Array | undefined;
  /** Of a body that was read. */
  readonly trailers: readonly string[];
}

/** What a guest made of a request. What is undefined stays as it was. */
export interface HttpRequestOutcome {
  /** Whether what is inside shall be asked. If not, `status`, `responseHeaders` and `responseBody` are the answer. */
  readonly next: boolean;
  /** The guest's own, for {@link HttpResponseMessage.context}. */
  readonly context: number;
  /** {@link HttpFeature}s for this request. */
  readonly features: number;
  readonly method: string | undefined;
  readonly uri: string | undefined;
  readonly headers: readonly string[] | undefined;
  readonly body: Uint8Array | undefined;
  readonly trailers: readonly string[] | undefined;
  readonly status: number;
  readonly responseHeaders: readonly string[];
  readonly responseBody: Uint8Array;
  readonly responseTrailers: readonly string[];
}

/** An answer that a guest may look at, and change where {@link HttpFeature.bufferResponse} was asked for. */
export interface HttpResponseMessage {
  readonly [key: string]: PlainData;
  readonly context: number;
  /** Whether what is inside failed. */
  readonly isError: boolean;
  readonly features: number;
  /** As it was sent on. */
  readonly request: HttpRequestMessage;
  readonly status: number;
  readonly headers: readonly string[];
  /** Undefined when it is not to be read here. */
  readonly body: Uint8Array | undefined;
  readonly trailers: readonly string[];
}

/** What a guest made of an answer. What is undefined stays as it was. */
export interface HttpResponseOutcome {
  readonly status: number | undefined;
  readonly headers: readonly string[] | undefined;
  readonly body: Uint8Array | undefined;
  readonly trailers: readonly string[] | undefined;
}

/** @throws GuestError when it is none, because an HTTP entry was called with something else */
export function asHttpRequest(input: Payload): HttpRequestMessage {
  if (isRecord(input) && typeof input["method"] === "string" && Array.isArray(input["headers"])) {
    return input as HttpRequestMessage;
  }
  throw new GuestError(
    "this module answers HTTP requests: use it with wasmHandler or wasmMiddleware",
  );
}

/** @throws GuestError as {@link asHttpRequest} */
export function asHttpResponse(input: Payload): HttpResponseMessage {
  if (isRecord(input) && typeof input["status"] === "number") return input as HttpResponseMessage;
  throw new GuestError("this entry looks at the answer to an HTTP request: use wasmMiddleware");
}

function isRecord(input: Payload): input is Record<string, PlainData> {
  return typeof input === "object" && input !== null && !(input instanceof Uint8Array);
}
