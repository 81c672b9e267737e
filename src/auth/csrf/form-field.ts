import { readBytes } from "../../core/body/read-bytes.ts";
import type { Context } from "../../core/context.ts";
import { DerivedExchange } from "../../core/derived-exchange.ts";
import { sourceFrom } from "../../wire/source.ts";

/**
 * One field of an urlencoded form, which the handler can read again. Undefined when there is none, or
 * several of that name.
 * @throws HttpError 413 when the form is longer than the route's `maxBody`
 */
export async function readFormField(c: Context, name: string): Promise<string | undefined> {
  const { body, headers } = c.exchange;
  const type = headers.get("content-type") ?? "";
  if (body === null || !/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) {
    return undefined;
  }
  const bytes = await readBytes(body, c.route.maxBody);
  c.exchange = new DerivedExchange(c.exchange, { body: sourceFrom([bytes], bytes.byteLength) });
  const values = new URLSearchParams(new TextDecoder().decode(bytes)).getAll(name);
  return values.length === 1 ? values[0] : undefined;
}
