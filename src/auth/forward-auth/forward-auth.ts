import type { Context } from "../../core/context.ts";
import { error } from "../../core/error.ts";
import type { Middleware, Next } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { Reply } from "../../core/reply.ts";
import { withHeaders } from "../../core/with-headers.ts";
import { FieldNames } from "../../http/field-names.ts";
import { checkField, HeaderList } from "../../http/header-list.ts";
import { isHopByHop } from "../../http/hop-by-hop.ts";
import { parseDuration } from "../../internal/parse-duration.ts";
import type { ForwardAuthCache, Passed } from "./decision-cache.ts";
import { DecisionCache } from "./decision-cache.ts";
import { serviceFields } from "./service-request.ts";

/** Who is asked, and what goes to and fro. */
export interface ForwardAuthOptions {
  /** The address that is asked, absolute. */
  readonly url: string;
  /** The method it is asked with. Default `GET`. */
  readonly method?: "GET" | "HEAD" | "POST";
  /**
   * Fields of the request that the service is sent; `X-Api-*` is all that begin so. Default: all but those of
   * content, conditions and connections. Never what a client says of forwarding.
   */
  readonly requestHeaders?: readonly string[];
  /**
   * Fields of the service's answer that the handler finds in its request; `X-Auth-*` is all that begin so. What the
   * client sent under these names is taken away, also where the service says nothing.
   */
  readonly copyHeaders?: readonly string[];
  /** Fields of the service's answer that the client gets with the answer of what it was let into. Default none. */
  readonly clientHeaders?: readonly string[];
  /** The field of the service's answer that says who it is: `c.vars.user.name`. */
  readonly userHeader?: string;
  /** Until its answer begins. Milliseconds, or a text. Default `"5s"`. */
  readonly timeout?: number | string;
  /** While the service cannot be asked: `refuse` (default, 502 or 504) or `allow`, which lets everybody in. */
  readonly onError?: "refuse" | "allow";
  /** Remembers who was let in. Default: every request is asked for. */
  readonly cache?: ForwardAuthCache;
  /** For what is not reached by the platform's `fetch`: a unix socket, several backends. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds that only go up; for tests. */
  readonly now?: () => number;
}

/** Who came, where `userHeader` tells. */
export interface ForwardAuthUser {
  readonly name: string;
}

const Failed = error(502, "forward_auth_failed", "It cannot be found out who may come in now.");
const TimedOut = error(504, "forward_auth_timeout", "Finding out who may come in took too long.");

/** Whoever asked is gone, or their time is up. */
class GivenUp extends Error {}

/** Answers that send the client elsewhere, as to a page to sign in on. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Asks a service of yours about each request, as Authelia, oauth2-proxy and the like are asked: a `GET` without the
 * body, with `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri` and `-For`. An answer of 2xx lets the request in; a
 * redirect or 4xx goes to the client as it is. Anything else, and none in time, refuses the request: 502 or 504.
 *
 * @throws TypeError at start on an address or name that cannot be; RangeError on a duration that is none
 * @example
 * const who = forwardAuth({
 *   url: "http://127.0.0.1:9091/api/authz/forward-auth",
 *   copyHeaders: ["Remote-User", "Remote-Groups"],
 *   userHeader: "Remote-User",
 * });
 * new App().use(who).get("/", ({ vars }) => `Hello, ${vars.user?.name}`);
 */
export function forwardAuth(
  options: ForwardAuthOptions,
): Middleware<Context, { user?: ForwardAuthUser }> {
  const { copyHeaders = [], clientHeaders = [], requestHeaders, userHeader, onError } = options;
  for (const name of [...copyHeaders, ...clientHeaders, ...(requestHeaders ?? [])]) {
    checkField(name.replace(/\*$/, "x"), "");
  }
  const copied = new FieldNames(copyHeaders);
  const forClient = new FieldNames(clientHeaders);
  const chosen = requestHeaders && new FieldNames(requestHeaders);
  const ask = asking(options, (c) => serviceFields(c, chosen, copied));
  const cache = options.cache && new DecisionCache(options.cache, options.now ?? clock);

  /** The service does not say whether the request may pass. */
  const undecided = (c: Context, failure: unknown): Passed => {
    // Of somebody who did not wait for it there is nothing to tell.
    if (failure instanceof GivenUp) throw new Failed(undefined, { cause: failure });
    c.report(failure);
    if (onError === "allow") return NOTHING;
    throw failure instanceof TimedOut ? failure : new Failed(undefined, { cause: failure });
  };

  /** What lets the request in, or the answer that refuses it. */
  const decide = async (c: Context): Promise<Passed | Reply> => {
    const key = await cache?.keyOf(c);
    const known = key === undefined ? undefined : cache?.get(key);
    if (known !== undefined) return known;
    let response: Response;
    try {
      response = await ask(c);
    } catch (failure) {
      return undecided(c, failure);
    }
    if (isRefusal(response)) return refusal(response);
    void response.body?.cancel().catch(() => {});
    const { headers, ok, status } = response;
    if (!ok) return undecided(c, new Error(`the service at ${options.url} answered ${status}`));
    const passed: Passed = {
      copied: pick(headers, copied),
      forClient: pick(headers, forClient),
      user: (userHeader !== undefined && headers.get(userHeader)) || undefined,
    };
    if (key !== undefined && mayKeep(headers)) cache?.set(key, passed);
    return passed;
  };

  return middleware(
    "forward-auth",
    async (c: Context, next: Next<{ user?: ForwardAuthUser }>) => {
      const decision = await decide(c);
      if (decision instanceof Reply) return decision;
      if (copyHeaders.length > 0) {
        const headers = c.exchange.headers.clone();
        copied.removeFrom(headers);
        append(headers, decision.copied);
        c.exchange = withHeaders(c.exchange, headers, copied);
      }
      append(c.headers, decision.forClient);
      return next(decision.user === undefined ? {} : { user: { name: decision.user } });
    },
    { errors: [Failed, TimedOut] },
  );
}

const NOTHING: Passed = { copied: [], forClient: [], user: undefined };

const clock = (): number => performance.now();

/** A function that asks the service, for a time and as long as the client is there. */
function asking(
  { url, method = "GET", timeout = "5s", fetch: given }: ForwardAuthOptions,
  fieldsOf: (c: Context) => Headers,
): (c: Context) => Promise<Response> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TypeError(`forwardAuth: ${url} is no address that begins with http:// or https://`);
  }
  const ms = parseDuration(timeout);
  const send = given ?? ((address: string, init: RequestInit) => fetch(address, init));
  return async (c) => {
    const control = new AbortController();
    c.onAbort(() => control.abort(new GivenUp("nobody waits for the answer any more")));
    const late = new TimedOut(`No answer within ${ms} ms of who may come in.`);
    const timer = setTimeout(() => control.abort(late), ms);
    const headers = fieldsOf(c);
    try {
      return await send(url, { method, headers, redirect: "manual", signal: control.signal });
    } catch (failure) {
      throw control.signal.aborted ? control.signal.reason : failure;
    } finally {
      clearTimeout(timer);
    }
  };
}

function isRefusal({ status }: Response): boolean {
  return (status >= 400 && status < 500) || REDIRECTS.has(status);
}

/** The service's answer as the client's. */
function refusal(response: Response): Reply {
  const reply = Reply.fromResponse(response);
  const { flat } = reply.headers;
  const fields: string[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    if (!isHopByHop(flat[i] as string)) fields.push(flat[i] as string, flat[i + 1] as string);
  }
  return reply.with(new HeaderList(fields));
}

function pick(headers: Headers, names: FieldNames): string[] {
  const picked: string[] = [];
  headers.forEach((value, name) => {
    // What frames or describes the service's own answer is not the request's.
    if (isHopByHop(name) || /^(?:content-|host$)/.test(name)) return;
    if (names.has(name)) picked.push(name, value);
  });
  return picked;
}

/** Whether an answer is for more than the one request it was made for. */
function mayKeep(headers: Headers): boolean {
  return !headers.has("set-cookie") && !/\bno-store\b/i.test(headers.get("cache-control") ?? "");
}

function append(headers: HeaderList, fields: readonly string[]): void {
  for (let i = 0; i < fields.length; i += 2) {
    headers.append(fields[i] as string, fields[i + 1] as string);
  }
}
