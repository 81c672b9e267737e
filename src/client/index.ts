export { client } from "./client.ts";
export type { Call, Client, Connect, ConnectOptions, RoutesOf } from "./client.ts";
export type { Arguments, CallOptions, RawBody } from "./call-input.ts";
export type {
  Failure,
  InvalidInputFailure,
  NoAnswer,
  Outcome,
  Success,
  UndeclaredFailure,
} from "./call-outcome.ts";
export { ClientCookies } from "./client-cookies.ts";
export type { ClientOptions, HeaderValues, OpenWebSocket } from "./client-options.ts";
export type { EventOptions } from "./event-stream.ts";
export { HttpClient } from "./http-client.ts";
export type { HttpClientOptions, HttpReadOptions, HttpRequestOptions } from "./http-client.ts";
export { HttpClientError } from "./http-client-error.ts";
export type { HttpClientErrorCode, HttpClientErrorFacts } from "./http-client-error.ts";
export type { ProblemDocument } from "./problem-document.ts";
export type { RetryOptions } from "./retry-policy.ts";
export type { TraceSource } from "./trace-headers.ts";
export type { ClientHooks, Fetch } from "./transmit.ts";
export type { Json, Scalar } from "./wire-types.ts";
