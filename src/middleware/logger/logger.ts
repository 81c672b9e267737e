import type { Context } from "../../core/context.ts";
import { HttpError } from "../../core/errors.ts";
import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import type { Reply } from "../../core/reply.ts";
import { isSource } from "../../core/reply.ts";
import { whenSent } from "../../core/when-sent.ts";

/** What a request came to. Texts are as the client sent them: escape them where it matters. */
export interface RequestRecord {
  /** ISO 8601, UTC, when the request had arrived. */
  readonly time: string;
  readonly ip: string;
  readonly method: string;
  readonly host: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly protocol: string;
  readonly status: number;
  /** Milliseconds until the body had left, or was given up. */
  readonly durationMs: number;
  /** The pattern of the route that answered, if one did. */
  readonly route?: string;
  /** Where `requestId` is around this. */
  readonly requestId?: string;
  readonly userAgent?: string;
}

/** Where the records go. */
export interface LoggerOptions {
  /** Takes a record. Default: writes it as a line of JSON with `console.log`. What it throws is reported. */
  log?: (record: RequestRecord, c: Context) => void;
  /** Requests to leave out. */
  skip?: (c: Context) => boolean;
}

/**
 * Records every request once its answer has left. A server of this package has an access log of its own
 * (`serve`, `sluice.toml`), which sees more: this is for `app.fetch`, and for records of your own.
 *
 * An error that was thrown is recorded with its own status, or 500; an `onError` that answers otherwise is
 * further out and not seen here.
 *
 * @example
 * const records: RequestRecord[] = [];
 * new App()
 *   .use(logger({ log: (record) => records.push(record) }))
 *   .get("/users/:id", ({ params }) => params.id);
 */
export function logger({ log = writeLine, skip }: LoggerOptions = {}): Middleware {
  const tell = (c: Context, status: number, began: number): void => {
    try {
      log(recordOf(c, status, began), c);
    } catch (error) {
      // A log that is full or broken must not break the answer.
      c.report(error);
    }
  };
  return middleware("logger", async (c, next) => {
    if (skip?.(c) === true) return next();
    const began = performance.now();
    let reply: Reply;
    try {
      reply = await next();
    } catch (error) {
      tell(c, error instanceof HttpError ? error.status : 500, began);
      throw error;
    }
    const { status } = reply;
    // The body of an answer to HEAD is never pulled.
    if (c.method === "HEAD" && isSource(reply.body)) {
      tell(c, status, began);
      return reply;
    }
    return whenSent(Object.isFrozen(reply) ? reply.with(reply.headers) : reply, () =>
      tell(c, status, began),
    );
  });
}

function recordOf(c: Context, status: number, began: number): RequestRecord {
  const { exchange } = c;
  const requestId = (c.vars as { requestId?: unknown }).requestId;
  const userAgent = exchange.headers.get("user-agent");
  const durationMs = Math.round((performance.now() - began) * 1000) / 1000;
  return {
    time: new Date(Date.now() - durationMs).toISOString(),
    ip: c.ip,
    method: c.method,
    host: c.host,
    target: exchange.target,
    protocol: exchange.protocol,
    status,
    durationMs,
    ...(c.route.path !== "" && { route: c.route.path }),
    ...(typeof requestId === "string" && { requestId }),
    ...(userAgent !== null && { userAgent }),
  };
}

/** JSON escapes line breaks and control characters, so a request cannot forge a line. */
function writeLine(record: RequestRecord): void {
  // U+007F to U+009F are control characters too, which some terminals obey.
  const escape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  console.log(JSON.stringify(record).replaceAll(/[\x7f-\x9f\u2028\u2029]/g, escape));
}
