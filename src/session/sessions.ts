import type { Context } from "../core/context.ts";
import type { Middleware, Next } from "../core/middleware.ts";
import { middleware } from "../core/middleware.ts";
import type { CookieAttributes } from "../http/cookie.ts";
import { parseDuration } from "../internal/parse-duration.ts";
import type { FoundSession } from "./session.ts";
import { Session } from "./session.ts";
import { isSessionId, sessionKey } from "./session-id.ts";
import { MemorySessions } from "./memory-sessions.ts";
import type { SessionStore } from "./session-store.ts";

export interface SessionOptions {
  /** Where they are kept; in memory if left out, which is for one process and until it ends. */
  readonly store?: SessionStore;
  /** How long a session lives without a request, such as `"30m"`; milliseconds or text; a day if left out. */
  readonly idle?: number | string;
  /** How long it lives at most, counted from the last `regenerate`; 30 days if left out. */
  readonly absolute?: number | string;
  /** How the id is kept by the client. */
  readonly cookie?: SessionCookie;
  /** How often expired sessions are removed; 10 minutes if left out. It happens beside a request, without a timer. */
  readonly purgeEvery?: number | string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** `HttpOnly` always, `SameSite=Lax` and all paths unless it says otherwise. */
export interface SessionCookie extends Pick<
  CookieAttributes,
  "domain" | "path" | "sameSite" | "partitioned" | "priority"
> {
  /**
   * If left out, `__Host-session` over TLS, which no other host and no plain connection can set; `__Secure-session`
   * with a domain or path; `session` without TLS.
   */
  readonly name?: string;
  /** `Secure`; if left out, over TLS only. */
  readonly secure?: boolean;
  /** Outlives the browser's session, until the session itself ends; true if left out. */
  readonly persistent?: boolean;
}

/** How many cookies of one name are tried: another host can toss some in where the name has no `__Host-`. */
const MAX_TRIED = 4;

/**
 * Sessions: `c.vars.session` in everything inside. An id that is not known is never taken over (session
 * fixation): a session begins with an id of this server's, once there is something to keep.
 *
 * What a handler changed is saved before its answer leaves, also when it throws.
 * @example
 * interface Data { userId: number; }
 * const app = new App()
 *   .use(sessions<Data>({ store: new FileSessions("/var/lib/app/sessions"), idle: "2h" }))
 *   .post("/sign-in", async (c) => {
 *     c.vars.session.data.userId = await checkPassword(c);
 *     c.vars.session.regenerate();
 *     return c.redirect("/");
 *   });
 */
export function sessions<Data extends object = Record<string, unknown>>(
  options: SessionOptions = {},
): Middleware<Context, { session: Session<Data> }> {
  const { store = new MemorySessions(), cookie = {}, now = Date.now } = options;
  const idleMs = parseDuration(options.idle ?? "1d");
  const absoluteMs = parseDuration(options.absolute ?? "30d");
  const purge = purger(store, parseDuration(options.purgeEvery ?? "10m"), now);

  return middleware("sessions", async (c: Context, next: Next<{ session: Session<Data> }>) => {
    purge();
    const secure = cookie.secure ?? c.scheme === "https";
    const name = cookie.name ?? cookieName(cookie, secure);
    const sent = c.cookies.getAll(name);
    const found = sent.length === 0 ? undefined : await find(store, sent);
    const onId = (id: string | undefined, expiresAt: number) => {
      if (id === undefined) c.cookies.delete(name, scopeOf(cookie, secure));
      else c.cookies.set(name, id, attributesOf(cookie, secure, (expiresAt - now()) / 1000));
    };
    const home = { store, idleMs, absoluteMs, now, onId };
    const session = new Session<Data>(home, found, sent.length > 0);
    let reply;
    try {
      reply = await next({ session });
    } catch (error) {
      // The error is what matters, also when saving fails on top of it.
      await session.save().catch(() => {});
      throw error;
    }
    await session.save();
    return reply;
  });
}

async function find(
  store: SessionStore,
  ids: readonly string[],
): Promise<FoundSession | undefined> {
  for (const id of ids.filter(isSessionId).slice(0, MAX_TRIED)) {
    const record = await store.get(await sessionKey(id));
    if (record !== undefined) return { id, record };
  }
  return undefined;
}

function cookieName({ domain, path = "/" }: SessionCookie, secure: boolean): string {
  if (!secure) return "session";
  return domain === undefined && path === "/" ? "__Host-session" : "__Secure-session";
}

function scopeOf(cookie: SessionCookie, secure: boolean): CookieAttributes {
  const { name: _name, persistent: _persistent, ...scope } = cookie;
  return { ...scope, secure, httpOnly: true };
}

function attributesOf(cookie: SessionCookie, secure: boolean, seconds: number): CookieAttributes {
  const scope = scopeOf(cookie, secure);
  return cookie.persistent === false ? scope : { ...scope, maxAge: Math.ceil(seconds) };
}

/** Removes expired sessions now and then. */
function purger(store: SessionStore, everyMs: number, now: () => number): () => void {
  let last = now();
  return () => {
    if (now() - last < everyMs) return;
    last = now();
    // What stays is refused all the same, and the next time tries again.
    void store.purge().catch(() => {});
  };
}
