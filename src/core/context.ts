import { CookieJar } from "../http/cookie-jar.ts";
import { HeaderList } from "../http/header-list.ts";
import { parseQuery } from "../http/query.ts";
import { readBytes } from "./body/read-bytes.ts";
import { readJson } from "./body/read-json.ts";
import { readText } from "./body/read-text.ts";
import { refuseCoding } from "./body/refuse-coding.ts";
import type { Captures } from "./routing/capture-pattern.ts";
import { decodeParam } from "./routing/decode-param.ts";
import type { MultipartLimits } from "../http/multipart-limits.ts";
import { MultipartForm } from "./forms/multipart-form.ts";
import { readForm } from "./forms/read-form.ts";
import { Cancellation } from "./cancellation.ts";
import { downloadReply } from "./download-reply.ts";
import type { EventProducer, EventStreamOptions } from "./sse/event-reply.ts";
import { eventReply } from "./sse/event-reply.ts";
import type { CloseListener, ErrorReport, Exchange, PushOptions } from "./exchange.ts";
import { Reply } from "./reply.ts";
import { bytesReply, htmlReply, jsonReply, redirectReply, textReply } from "./replies.ts";
import { noRoute } from "./no-route.ts";
import type { Forwarded } from "./forwarded.ts";
import type { Origin } from "./redispatch.ts";
import type { RouteFacts } from "./route.ts";
import { requestUrl } from "./request-url.ts";
import { trailersOf } from "./trailers.ts";
import { webRequest } from "./web-request.ts";
import type { InputPart } from "./spec/invalid-input.ts";
import type { TypedReply } from "./spec/types.ts";
import type { Source } from "../wire/source.ts";
import { sourceFrom, sourceFromStream, streamFromSource } from "../wire/source.ts";

/** What of a context depends on its route. */
export interface ContextTypes {
  params: unknown;
  query: unknown;
  input: unknown;
  body: unknown;
  state: unknown;
  vars: unknown;
  deps: unknown;
}

/* oxlint-disable no-explicit-any -- a context of whatever route has whatever values */
/** A context of whatever route. */
export interface AnyRoute {
  params: any;
  query: any;
  input: any;
  body: any;
  state: any;
  vars: any;
  deps: any;
}
/* oxlint-enable no-explicit-any */

/**
 * The face of an {@link Exchange} for people. Properties are getters, cost nothing until read and may be
 * destructured; methods may not, and the compiler says so.
 */
export class Context<T extends ContextTypes = AnyRoute> {
  /** Middleware may put a derived one in its place, before anything was read of it. */
  exchange: Exchange;
  /** The route that answers. */
  readonly route: RouteFacts;
  /** What a tail (`/docs/*`) left of the canonical path (`guide/a.html`), else "". */
  rest: string;
  /** Set by the trusted-proxy middleware; what the connection itself says counts until then. */
  forwarded: Forwarded | undefined = undefined;
  /** Middleware that the request went through before it was routed anew; see {@link redispatch}. */
  passed: ReadonlySet<unknown> | undefined = undefined;
  /** How often it was routed anew. */
  hops = 0;
  readonly #values: readonly string[];
  readonly #report: ErrorReport | undefined;
  readonly #arrived: Exchange;
  #captures: Captures | undefined;
  #params: unknown;
  #query: unknown;
  #input: { headers?: unknown; cookies?: unknown } | undefined;
  #body: unknown = UNREAD;
  #cookies: CookieJar | undefined;
  #vars: object | undefined;
  #deps: unknown;
  #pending: HeaderList | undefined;
  #trailers: HeaderList | undefined;
  #cancel: Cancellation | undefined;
  #request: Request | undefined;

  constructor(
    exchange: Exchange,
    rest = "",
    route = noRoute,
    values: readonly string[] = [],
    report?: ErrorReport,
  ) {
    this.exchange = exchange;
    this.#arrived = exchange;
    this.route = route;
    this.#values = values;
    this.rest = rest;
    this.#report = report;
  }

  get method(): string {
    return this.exchange.method;
  }
  /** The canonical path. */
  get path(): string {
    return this.exchange.path;
  }
  /** The client's address; a header counts only where the trusted-proxy middleware took it. */
  get ip(): string {
    return this.forwarded?.ip ?? this.exchange.connection.remoteAddress;
  }
  get scheme(): "http" | "https" {
    return this.forwarded?.scheme ?? this.exchange.scheme;
  }
  /** Host and port as the client asked for them, lower case. */
  get host(): string {
    return this.forwarded?.authority ?? this.exchange.authority;
  }
  /** The address that was asked for, whole. Made anew at every reading. @throws HttpError 400 when its host can be none */
  get url(): URL {
    const { target, path } = this.exchange;
    return requestUrl(this.scheme, this.host, target.startsWith("/") ? target : path);
  }

  /** Parameters of the path, decoded once; with a schema, what it gives. */
  get params(): T["params"] {
    return (this.#params ??= paramsOf(this.route.params, this.#values));
  }
  /** What the groups of the route's own expressions took, whatever middleware did to the path since. */
  get captures(): Captures | undefined {
    return (this.#captures ??= this.route.capture?.(this.#arrived));
  }
  /** Keys of the query: a repeated one gives a list; with a schema, what it gives. @throws HttpError 400 when it is not UTF-8 */
  get query(): T["query"] {
    return (this.#query ??= parseQuery(this.exchange.query));
  }
  /** Headers and cookies as the route's schemas give them. */
  get input(): T["input"] {
    return (this.#input ??= {});
  }
  /** With a schema, what it gives; else the body to pull, or null when there is none. */
  get body(): T["body"] {
    return this.#body === UNREAD ? this.exchange.body : this.#body;
  }
  /** Cookies of the request, and those to set. */
  get cookies(): CookieJar {
    return (this.#cookies ??= new CookieJar(this.exchange.headers, () => this.headers, {
      secure: this.scheme === "https",
      keys: this.route.owner.cookieKeys,
    }));
  }
  /** The application's own state. */
  get state(): T["state"] {
    return this.route.owner.state;
  }
  /** This request's values, from middleware and extractors. */
  get vars(): T["vars"] {
    return (this.#vars ??= {});
  }
  /** The services that `provide` declared. */
  get deps(): T["deps"] {
    return this.#deps;
  }

  /** Request headers. */
  get requestHeaders(): HeaderList {
    return this.exchange.headers;
  }
  /** Pending reply headers: merged into whichever Reply leaves, an error's too. */
  get headers(): HeaderList {
    return (this.#pending ??= new HeaderList());
  }
  /** The pending headers if any were set, without making the list. */
  get pendingHeaders(): HeaderList | undefined {
    return this.#pending;
  }
  /** Fields to send behind the body. Read this before the handler returns; it may be filled until the body ends. @throws HttpError 501 without a connection */
  get trailers(): HeaderList {
    return (this.#trailers ??= trailersOf(this.exchange));
  }
  /** The trailers if any were asked for, without making the list. */
  get pendingTrailers(): HeaderList | undefined {
    return this.#trailers;
  }
  /** Aborted when the client is gone or the route's time is up. */
  get signal(): AbortSignal {
    return this.#cancellation().signal;
  }
  /** A web `Request`; taking it takes the body. */
  get request(): Request {
    return (this.#request ??= webRequest(this.exchange, this.url, this.signal));
  }

  /** The whole body as JSON. @throws HttpError 400, 413 */
  json(this: Context): Promise<unknown>;
  /** An answer of JSON, through the route's `returns` if it has one. */
  json<V, const S extends number = 200>(this: Context, value: V, status?: S): TypedReply<V, S>;
  json(this: Context, ...args: [value?: unknown, status?: number]): unknown {
    if (args.length === 0) return this.#read(readJson);
    const [value, status = 200] = args;
    const encoded = this.route.encode === undefined ? value : this.route.encode(value, status);
    if (encoded instanceof Promise) {
      throw new TypeError("the schema of this route's returns is asynchronous: return the value");
    }
    return jsonReply(encoded, status);
  }

  /** The whole body as UTF-8. @throws HttpError 400, 413 */
  text(this: Context): Promise<string>;
  text(this: Context, body: string, status?: number): Reply;
  text(this: Context, body?: string, status?: number): unknown {
    return body === undefined ? this.#read(readText) : textReply(body, status);
  }

  /** The whole body. @throws HttpError 413 */
  bytes(this: Context): Promise<Uint8Array>;
  bytes(this: Context, body: Uint8Array, status?: number): Reply;
  bytes(this: Context, body?: Uint8Array, status?: number): unknown {
    return body === undefined ? this.#read(readBytes) : bytesReply(body, status);
  }

  /** The body as a web stream. */
  stream(this: Context): ReadableStream<Uint8Array>;
  /** Streams an answer. @param type its media type */
  stream(
    this: Context,
    body: Source | ReadableStream<Uint8Array> | AsyncIterable<string | Uint8Array>,
    type?: string,
    status?: number,
  ): Reply;
  stream(
    this: Context,
    body?: Source | ReadableStream<Uint8Array> | AsyncIterable<string | Uint8Array>,
    type = "application/octet-stream",
    status = 200,
  ): unknown {
    if (body === undefined) return streamFromSource(this.#take());
    const headers = HeaderList.from([["Content-Type", type]]);
    return new Reply(asSource(body), status, headers);
  }

  /**
   * The fields of a form, urlencoded or multipart, in memory. Files are `File`s.
   * @param limits what it may hold; 10 MiB in all if left out
   * @throws HttpError 400, 413, 415
   */
  async form(this: Context, limits?: Partial<MultipartLimits>): Promise<FormData> {
    refuseCoding(this.exchange.headers);
    return readForm(this.#take(), this.exchange.headers.get("content-type"), limits);
  }

  /**
   * The parts of a multipart form as they arrive, for uploads of any size.
   * @example for await (const part of c.files()) if (part.isFile) await saveUpload(part, "uploads");
   * @throws HttpError 415 at once; 400 and 413 while it is read
   */
  files(this: Context, limits?: Partial<MultipartLimits>): MultipartForm {
    refuseCoding(this.exchange.headers);
    return new MultipartForm(this.#take(), this.exchange.headers.get("content-type"), limits);
  }

  /**
   * Sends server-sent events for as long as the function runs, or all of an async iterable.
   * @example c.sse(async (stream) => { for await (const n of ticks(stream.signal)) await stream.send({ data: n }); })
   */
  sse(this: Context, producer: EventProducer, options?: EventStreamOptions): Reply {
    return eventReply(this, producer, options);
  }

  /** Sends something to be saved. @param filename what browsers propose (RFC 6266) */
  download(
    this: Context,
    body: string | Uint8Array | Source | AsyncIterable<string | Uint8Array>,
    filename: string,
    type?: string,
  ): Reply {
    return downloadReply(body, filename, type);
  }

  html(this: Context, body: string, status?: number): Reply {
    return htmlReply(body, status);
  }

  /** @param status 301, 302 (default), 303, 307 or 308 */
  redirect(this: Context, location: string, status?: number): Reply {
    return redirectReply(location, status);
  }

  /** Sends `103 Early Hints` with link values, such as `</app.css>; rel=preload; as=style` (RFC 8297). */
  earlyHints(this: Context, ...links: string[]): void {
    const headers = new HeaderList();
    for (const link of links) headers.append("Link", link);
    this.exchange.inform(103, headers);
  }

  /** Pushes a path, or hints at it, whichever the client can take. */
  push(this: Context, path: string, options?: PushOptions): "push" | "preload" | "none" {
    return this.exchange.push(path, options);
  }

  /** Puts a checked value in its place. For what reads and checks input. */
  setInput(part: InputPart, value: unknown): void {
    if (part === "params") this.#params = value;
    else if (part === "query") this.#query = value;
    else if (part === "body") this.#body = value;
    else (this.#input ??= {})[part] = value;
  }

  /** Goes on with a request that `origin` has routed anew. */
  continueFrom({ context, passed }: Origin): void {
    this.passed = passed;
    this.hops = context.hops + 1;
    this.forwarded = context.forwarded;
    this.#vars = context.vars as object;
    this.#body = context.#body;
    this.#pending = context.headers;
    this.#cancel = context.#cancellation();
  }

  /** Gives this request its services. */
  setDeps(deps: object): void {
    this.#deps = deps;
  }

  /** Who is told of errors that are not for the client. */
  get reporter(): ErrorReport | undefined {
    return this.#report;
  }

  /** Tells the server's log of an error that is not for the client. @returns the id it has there */
  report(error: unknown): string {
    const id = crypto.randomUUID();
    this.#report?.(error, this.exchange, id);
    return id;
  }

  /** Aborts {@link signal}. */
  abort(reason: unknown): void {
    this.#cancellation().cancel(reason);
  }

  /** Calls back when {@link signal} is aborted, without the cost of one. */
  onAbort(listener: CloseListener): void {
    this.#cancellation().onCancel(listener);
  }

  #cancellation(): Cancellation {
    return (this.#cancel ??= new Cancellation(this.exchange));
  }

  async #read<V>(read: (source: Source | null, limit: number) => V | Promise<V>): Promise<V> {
    if ((read as unknown) !== readBytes) refuseCoding(this.exchange.headers);
    return await read(this.#take(), this.route.maxBody);
  }

  /** The body, for its one reader. */
  #take(): Source {
    if (this.#body !== UNREAD) throw new TypeError(TAKEN);
    this.#body = null;
    return this.exchange.body ?? NOTHING;
  }
}

/** Nobody has read the body yet. */
const UNREAD = Symbol("unread");

/** A body without content. */
const NOTHING: Source = { size: 0, pull: () => null, cancel: () => {} };

const TAKEN =
  "the body was read already: a body has one reader, so keep what the first reading gave (body_taken)";

function paramsOf(names: readonly string[], values: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (let i = 0; i < names.length; i++) {
    const value = values[i];
    if (value !== undefined) params[names[i] as string] = decodeParam(value);
  }
  return params;
}

function asSource(
  body: Source | ReadableStream<Uint8Array> | AsyncIterable<string | Uint8Array>,
): Source {
  if ("pull" in body) return body;
  return body instanceof ReadableStream ? sourceFromStream(body) : sourceFrom(body);
}
