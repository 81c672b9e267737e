export { App } from "./core/app.ts";
export type { AppOptions, Verb } from "./core/app.ts";
export type { Contract } from "./core/app-types.ts";
export { Context } from "./core/context.ts";
export type { AnyRoute, ContextTypes } from "./core/context.ts";
export type { Forwarded } from "./core/forwarded.ts";
export type { Duplex } from "./wire/duplex.ts";
export { error } from "./core/error.ts";
export type { ErrorClass } from "./core/error.ts";
export { HttpError, problem } from "./core/errors.ts";
export type {
  Application,
  ClientCertificate,
  Connection,
  ErrorReport,
  Exchange,
  Protocol,
  PushOptions,
  TlsInfo,
} from "./core/exchange.ts";
export type { Handler, Result } from "./core/handler.ts";
export { middleware } from "./core/middleware.ts";
export type { Middleware, MiddlewareFacts, Next, SecurityScheme } from "./core/middleware.ts";
export type { AppLike } from "./core/mounted.ts";
export { MultipartForm } from "./core/forms/multipart-form.ts";
export type { Part } from "./core/forms/multipart-part.ts";
export { token } from "./core/services.ts";
export type { ServiceFactory, ServiceOptions, Token } from "./core/services.ts";
export type { EventProducer, EventStreamOptions } from "./core/sse/event-reply.ts";
export { EventStream } from "./core/sse/event-stream.ts";
export type { OutgoingEvent } from "./core/sse/event-stream.ts";
export { Reply } from "./core/reply.ts";
export type { ReplyBody } from "./core/reply.ts";
export type { Route, RouteFacts, RouteInfo } from "./core/route.ts";
export { readAll, sourceFrom, streamFromSource } from "./wire/source.ts";
export type { Source } from "./wire/source.ts";
export type { BodyReader } from "./core/spec/body-reader.ts";
export { bytes, form, json, stream, text } from "./core/spec/body-types.ts";
export {
  bearerToken,
  clientAddress,
  cookie,
  header,
  query,
  rawBody,
} from "./core/spec/extractors.ts";
export { InvalidInput } from "./core/spec/invalid-input.ts";
export type { InputPart, InputProblem } from "./core/spec/invalid-input.ts";
export type { InputOf, OutputOf, Schema } from "./core/spec/standard-schema.ts";
export type { Extractor, PathParams, Spec, TypedReply } from "./core/spec/types.ts";
export type { WebSocketMessage, WebSocketOptions } from "./core/websocket/options.ts";
export { Rooms } from "./core/websocket/rooms.ts";
export { upgradeWebSocket } from "./core/websocket/upgrade-websocket.ts";
export type { WebSocketConnection } from "./core/websocket/websocket-connection.ts";
export { CookieJar } from "./http/cookie-jar.ts";
export { HeaderList } from "./http/header-list.ts";
export type { CookieAttributes } from "./http/cookie.ts";
export { CookieKeys } from "./http/cookie-keys.ts";
export { formatLinks, parseLinks } from "./http/link.ts";
export type { Link, ParsedLink } from "./http/link.ts";
export type { MultipartLimits } from "./http/multipart-limits.ts";
export { cursorLinks, pageLinks, pageOf } from "./http/pagination.ts";
export type { Cursors, Page, PageRules } from "./http/pagination.ts";
export { decodeCursor, encodeCursor, signCursor, verifyCursor } from "./http/pagination-cursor.ts";
export type { CursorValues } from "./http/pagination-cursor.ts";
export { safeFilename } from "./http/safe-filename.ts";
export { EventStreamDecoder } from "./http/sse-decoder.ts";
export type { DecodedEvent } from "./http/sse-decoder.ts";
