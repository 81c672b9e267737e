import type { Context } from "../../core/context.ts";
import { DerivedExchange } from "../../core/derived-exchange.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Middleware, Next } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { redispatch } from "../../core/redispatch.ts";
import { withHeaders } from "../../core/with-headers.ts";
import { FieldNames } from "../../http/field-names.ts";
import { lengthBit } from "../../http/received-fields.ts";
import { isSource, Reply } from "../../core/reply.ts";
import type { ReplyBody } from "../../core/reply.ts";
import { HeaderList } from "../../http/header-list.ts";
import { canonicalPath } from "../../http/path.ts";
import { parseSize } from "../../internal/parse-size.ts";
import { readAll } from "../../wire/source.ts";
import type {
  HttpRequestMessage,
  HttpRequestOutcome,
  HttpResponseOutcome,
} from "../abi/http-message.ts";
import { HANDLE_REQUEST, HANDLE_RESPONSE, HttpFeature } from "../abi/http-message.ts";
import { bytesSource } from "./bytes-source.ts";
import type { GuestCaller } from "./guest-caller.ts";
import { attempt, GUEST_ERRORS, GuestFailed, guestFailure } from "./guest-failure.ts";
import { checked, outcomeReply } from "./outcome-reply.ts";
import { bodyFor, readsBody, readsSource, requestMessage } from "./request-message.ts";
import { checkEntry } from "./wasm-handler.ts";

/** Who an auth guest says has come. */
export interface GuestUser {
  readonly name: string;
  readonly roles: readonly string[];
}

/** What a middleware guest is given. */
export interface WasmMiddlewareOptions {
  /** For lists and metrics. Default `wasm`. */
  readonly name?: string;
  /** The longest body, of a request or an answer, that is read for the guest. Default 1 MiB. */
  readonly maxBody?: number | string;
  /**
   * Request headers in which the guest says who has come. Clients cannot set them. They become
   * `c.vars.user`, and go along to what is inside. Default `X-Guest-User` and `X-Guest-Roles` (separated by commas).
   */
  readonly identity?: { readonly user: string; readonly roles: string };
}

const IDENTITY = { user: "X-Guest-User", roles: "X-Guest-Roles" };

/**
 * A guest for http-wasm stands around a route: it lets a request pass, changes it, or answers it, and may look at
 * the answer and change it. A uri or method that it changes is routed anew. Its memory is put back after
 * `handle_request`: what `handle_response` must know goes through the context number, or the key-value store.
 *
 * @throws TypeError at once for a module that is none for http-wasm, or has no `handle_request` or `handle_response`
 * @example
 * app.use(wasmMiddleware(await WasmSandbox.builder().source("verify.wasm").build()));
 * app.get("/me", ({ vars }) => vars.user?.name ?? "nobody");
 */
export function wasmMiddleware(
  sandbox: GuestCaller,
  options: WasmMiddlewareOptions = {},
): Middleware<Context, { user: GuestUser | undefined }> {
  if (sandbox.abi !== "http-wasm") {
    throw new TypeError(
      `a middleware is a module for http-wasm, and this one is for ${sandbox.abi}: use wasmHandler`,
    );
  }
  checkEntry(sandbox, [HANDLE_REQUEST]);
  checkEntry(sandbox, [HANDLE_RESPONSE]);
  const { identity = IDENTITY, name = "wasm" } = options;
  const limit = parseSize(options.maxBody ?? 1024 * 1024);
  const own = new Set([identity.user.toLowerCase(), identity.roles.toLowerCase()]);
  const names = new FieldNames([identity.user, identity.roles]);
  const layer: Middleware<Context, { user: GuestUser | undefined }> = middleware(
    name,
    async (c: Context, next: Next<{ user: GuestUser | undefined }>) => {
      // Within another function a layer is not known to the route, and would ask its guest again.
      if (c.passed?.has(layer) === true) return next(c.vars as { user: GuestUser | undefined });
      // What a guest around this one has said is no client's word.
      const clear = told.get(c) ?? told.get(c.exchange);
      const isTold = clear !== undefined && [...own].every((field) => clear.has(field));
      const headers = isTold ? c.exchange.headers.flat : without(c.exchange.headers, names);
      if (!isTold && c.exchange.body !== null) {
        c.exchange = withHeaders(c.exchange, c.exchange.headers, names);
      }
      // Asked anew each time: the guest may have been replaced.
      const seesAnswers = !sandbox.facts.empty.has(HANDLE_RESPONSE);
      const reading = bodyFor(c, readsBody(sandbox), limit);
      const body = reading instanceof Promise ? await reading : reading;
      const message = requestMessage(c, headers, body, readsSource(sandbox));
      let outcome: HttpRequestOutcome;
      try {
        outcome = (await sandbox.exchange(HANDLE_REQUEST, message)) as unknown as typeof outcome;
      } catch (error) {
        throw guestFailure(c, error);
      }
      if (!outcome.next) return attempt(c, () => outcomeReply(outcome));
      const { method, uri } = outcome;
      const exchange = attempt(c, () => changedExchange(c, message, outcome));
      const said = userOf(exchange.headers, identity);
      if (said !== undefined) told.set(c, own).set(exchange, own);
      const user = said ?? (c.vars as { user?: GuestUser }).user;
      const stage: ResponseStage | undefined = seesAnswers
        ? { c, sandbox, request: sentOn(message, outcome, exchange), outcome, limit }
        : undefined;
      let reply: Reply;
      try {
        if (method !== undefined || uri !== undefined) {
          // What is routed anew does not come through here a second time.
          Object.assign(c.vars as object, { user });
          reply = await redispatch(c, exchange, layer);
        } else {
          c.exchange = exchange;
          reply = await next({ user });
        }
      } catch (error) {
        if (stage !== undefined) await tellOfError(stage);
        throw error;
      }
      return stage === undefined || reply === Reply.TAKEN ? reply : answerStage(stage, reply);
    },
    { errors: GUEST_ERRORS },
  );
  return layer;
}

/** Requests in which a guest has said who has come, as they went on from it, and the names of the fields it used. */
const told = new WeakMap<Context | Exchange, ReadonlySet<string>>();

/** The fields without those that only the guest may set. */
function without({ flat }: HeaderList, names: FieldNames): readonly string[] {
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    // Most have other lengths.
    if ((names.lengths & lengthBit(name.length)) === 0 || !names.has(name)) continue;
    return flat.filter((_, at) => !names.has(flat[at & ~1] as string));
  }
  return flat;
}

/** The request that goes on: the one that came where nothing was changed. */
function changedExchange(
  c: Context,
  message: HttpRequestMessage,
  outcome: HttpRequestOutcome,
): Exchange {
  const { exchange } = c;
  const { method, uri, responseHeaders } = outcome;
  if (responseHeaders.length > 0) {
    const { flat } = checked(responseHeaders);
    for (let i = 0; i < flat.length; i++) c.headers.flat.push(flat[i] as string);
  }
  const wasRead = message.body !== undefined && exchange.body !== null;
  const fields = outcome.trailers ?? message.trailers;
  const trailers = fields.length === 0 ? undefined : checked(fields);
  const hasBody = wasRead || outcome.trailers !== undefined;
  const body = outcome.body ?? (hasBody ? message.body : undefined);
  const isSame = (outcome.headers ?? message.headers) === exchange.headers.flat;
  if (isSame && body === undefined && method === undefined && uri === undefined) return exchange;
  const headers =
    outcome.headers === undefined
      ? new HeaderList([...message.headers])
      : checked(outcome.headers, NONE);
  if (outcome.body !== undefined && trailers === undefined) {
    headers.delete("Transfer-Encoding");
    headers.set("Content-Length", String(outcome.body.byteLength));
  } else if (trailers !== undefined) headers.delete("Content-Length");
  if (method === undefined && uri === undefined) {
    const changes =
      body === undefined ? { headers } : { headers, body: bytesSource(body, trailers) };
    return new DerivedExchange(exchange, changes);
  }
  return new DerivedExchange(exchange, {
    headers,
    ...(body !== undefined && { body: bytesSource(body, trailers) }),
    ...(method !== undefined && { method }),
    ...(uri !== undefined && targetOf(uri)),
  });
}

const NONE: ReadonlySet<string> = new Set();

/** @throws TypeError for a path that leads nowhere */
function targetOf(uri: string): { target: string; path: string; query: string } {
  const question = uri.indexOf("?");
  const canonical = canonicalPath(question < 0 ? uri : uri.slice(0, question));
  if (!canonical.ok) throw new TypeError(`the guest's uri has a path that is ${canonical.problem}`);
  const query = question < 0 ? "" : uri.slice(question + 1);
  const { path } = canonical;
  return { target: query === "" ? path : `${path}?${query}`, path, query };
}

function userOf(
  list: HeaderList,
  { user, roles }: { user: string; roles: string },
): GuestUser | undefined {
  const name = list.get(user);
  if (name === null || name === "") return undefined;
  const given = (list.joined(roles) ?? "").split(",").map((role) => role.trim());
  return { name, roles: given.filter((role) => role !== "") };
}

/** The request as it goes on. */
function sentOn(
  message: HttpRequestMessage,
  { method, uri }: HttpRequestOutcome,
  { headers }: Exchange,
): HttpRequestMessage {
  return {
    ...message,
    method: method ?? message.method,
    uri: uri ?? message.uri,
    headers: headers.flat,
    body: EMPTY,
  };
}

/** A request that was passed on, and where its answer goes. */
interface ResponseStage {
  readonly c: Context;
  readonly sandbox: GuestCaller;
  /** As it was sent on. */
  readonly request: HttpRequestMessage;
  readonly outcome: HttpRequestOutcome;
  readonly limit: number;
}

async function answerStage(stage: ResponseStage, reply: Reply): Promise<Reply> {
  const { c, sandbox, request, outcome, limit } = stage;
  const buffered = (outcome.features & HttpFeature.bufferResponse) !== 0;
  const body = buffered ? await readReply(c, reply.body, limit) : undefined;
  const trailers = buffered ? trailersOf(reply) : [];
  let after: HttpResponseOutcome;
  try {
    const answer = await sandbox.exchange(HANDLE_RESPONSE, {
      context: outcome.context,
      isError: false,
      features: outcome.features,
      request,
      status: reply.status,
      headers: reply.headers.flat,
      body,
      trailers,
    });
    after = answer as unknown as HttpResponseOutcome;
  } catch (error) {
    reply.discard(error);
    throw guestFailure(c, error);
  }
  const { status, headers } = after;
  const isSame = status === undefined && headers === undefined && after.body === undefined;
  if (isSame && after.trailers === undefined && !buffered) return reply;
  return attempt(c, () => {
    const changed = new Reply(
      after.body ?? body ?? reply.body,
      status ?? reply.status,
      headers === undefined ? reply.headers : checked(headers),
    );
    changed.trailers = after.trailers === undefined ? reply.trailers : checked(after.trailers);
    return changed;
  });
}

/** Of an answer whose body was read to its end: before, they are not known. */
function trailersOf({ trailers }: Reply): readonly string[] {
  return (typeof trailers === "function" ? trailers() : trailers)?.flat ?? [];
}

/** What is inside has failed, which the guest may have to know. Its own errors then do not matter. */
async function tellOfError({ c, sandbox, request, outcome }: ResponseStage): Promise<void> {
  try {
    await sandbox.exchange(HANDLE_RESPONSE, {
      context: outcome.context,
      isError: true,
      features: outcome.features,
      request,
      status: 500,
      headers: [],
      body: EMPTY,
      trailers: [],
    });
  } catch (error) {
    c.report(error);
  }
}

const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

/** @throws GuestFailed when it is longer than may be read for a guest */
async function readReply(c: Context, body: ReplyBody, limit: number): Promise<Uint8Array> {
  if (body === null) return EMPTY;
  let bytes: Uint8Array;
  if (isSource(body)) {
    try {
      bytes = await readAll(body, limit);
    } catch (cause) {
      throw cause instanceof RangeError ? tooLong(c, limit, cause) : cause;
    }
  } else bytes = typeof body === "string" ? encoder.encode(body) : body;
  if (bytes.byteLength > limit) throw tooLong(c, limit);
  return bytes;
}

function tooLong(c: Context, limit: number, cause?: unknown): Error {
  const note = new RangeError(`an answer is longer than the ${limit} bytes read for a guest`, {
    cause,
  });
  c.report(note);
  return new GuestFailed(undefined, { cause: note });
}
