import type { Context } from "../../core/context.ts";
import type { Middleware } from "../../core/middleware.ts";
import { steps } from "../../core/steps.ts";
import { withHeaders } from "../../core/with-headers.ts";
import { withField } from "../../http/amended-fields.ts";
import { FieldNames } from "../../http/field-names.ts";
import { checkField } from "../../http/header-list.ts";

/** Where the id of a request comes from. */
export interface RequestIdOptions {
  /** The field it is read from and answered in. Default `X-Request-Id`. */
  header?: string;
  /**
   * Whose id is taken over: of requests that came through a `trustedProxy` (`trusted`, the default), of
   * everybody, or of nobody. A client that chooses ids can make its requests look like others' in your logs.
   */
  accept?: "trusted" | "always" | "never";
  /** Whether what is inside, such as a backend, finds the id as a field of the request too. Default false. */
  forward?: boolean;
  /** Makes an id. Default a random UUID. */
  generate?: (c: Context) => string;
}

// Long enough for every common format, and nothing that a log or a header could take for more than text.
const VALID = /^[A-Za-z0-9][A-Za-z0-9._~+/=:@-]{0,127}$/;

/**
 * Gives every request an id: in `c.vars.requestId`, in the answer, an error's too, and in the access log.
 *
 * An id from outside is taken only from whom `accept` says, only when there is just one, and only when it
 * looks like one: at most 128 letters, digits and `._~+/=:@-`. Anything else gets a new one.
 *
 * @throws TypeError at start when `header` is no field name
 * @example
 * new App()
 *   .use(trustedProxy({ trust: ["loopback"] }), requestId())
 *   .get("/", ({ vars }) => `request ${vars.requestId}`);
 */
export function requestId(options: RequestIdOptions = {}): Middleware<Context, RequestIdVars> {
  const { header = "X-Request-Id", accept = "trusted", forward = false } = options;
  const { generate = () => crypto.randomUUID() } = options;
  checkField(header, "");
  const names = new FieldNames([header]);
  const enter = (c: Context): void => {
    const heard = accept === "always" || (accept === "trusted" && c.forwarded !== undefined);
    const id = (heard ? sent(c, header) : undefined) ?? generate(c);
    c.headers.set(header, id);
    c.exchange.requestId = id;
    (c.vars as RequestIdVars).requestId = id;
    if (!forward) return;
    const headers = withField(c.exchange.headers, names, header, id);
    c.exchange = withHeaders(c.exchange, headers, names);
  };
  return steps<RequestIdVars>("request-id", { enter });
}

/** What {@link requestId} adds to `c.vars`. */
export interface RequestIdVars {
  requestId: string;
}

function sent(c: Context, header: string): string | undefined {
  const ids = c.exchange.headers.getAll(header);
  const [id] = ids;
  return ids.length === 1 && id !== undefined && VALID.test(id) ? id : undefined;
}
