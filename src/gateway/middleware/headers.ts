import type { MiddlewareConfig } from "../../config/schema/config.ts";
import { DerivedExchange } from "../../core/derived-exchange.ts";
import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { Reply } from "../../core/reply.ts";
import { FieldNames } from "../../http/field-names.ts";
import type { HeaderList } from "../../http/header-list.ts";
import { changeable } from "../../middleware/reply-fields.ts";

type HeadersConfig = MiddlewareConfig["headers"];

/** Changes fields on their way in and out: first what goes, then what is set, then what is added. */
export function headersOf({ request, response }: HeadersConfig): Middleware {
  const inward = changesOf(request);
  const given = new FieldNames([...Object.keys(request.set), ...Object.keys(request.add)]);
  const outward = changesOf(response);
  return middleware("headers", async (c, next) => {
    if (inward !== undefined) {
      const headers = c.exchange.headers.clone();
      given.unlistFrom(headers);
      inward(headers);
      c.exchange = new DerivedExchange(c.exchange, { headers });
    }
    const reply = await next();
    if (outward === undefined || reply === Reply.TAKEN) return reply;
    const own = changeable(reply);
    const pending = c.pendingHeaders;
    // What is pending wins over what the reply has, so what is replaced must go there too.
    if (pending !== undefined) {
      for (const name of response.remove) pending.delete(name);
      for (const name of Object.keys(response.set)) pending.delete(name);
    }
    outward(own.headers);
    return own;
  });
}

function changesOf({ set, add, remove }: HeadersConfig["request"]) {
  const fields = [Object.entries(set), Object.entries(add)] as const;
  if (remove.length + fields[0].length + fields[1].length === 0) return undefined;
  return (headers: HeaderList): void => {
    for (const name of remove) headers.delete(name);
    for (const [name, value] of fields[0]) headers.set(name, value);
    for (const [name, value] of fields[1]) headers.append(name, value);
  };
}
