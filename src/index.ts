export { App } from "./core/app.ts";
export type { Route } from "./core/app.ts";
export { Context } from "./core/context.ts";
export type { Duplex } from "./core/duplex.ts";
export { HttpError, problem } from "./core/errors.ts";
export type {
  Application,
  ClientCertificate,
  Connection,
  Exchange,
  Protocol,
  PushOptions,
  TlsInfo,
} from "./core/exchange.ts";
export type { Handler, Middleware } from "./core/handler.ts";
export { Reply } from "./core/reply.ts";
export type { ReplyBody } from "./core/reply.ts";
export { readAll, sourceFrom, streamFromSource } from "./core/source.ts";
export type { Source } from "./core/source.ts";
export { HeaderList } from "./http/header-list.ts";
