import type { App } from "../../src/core/app.ts";
import type { ErrorReport } from "../../src/core/exchange.ts";
import type { Source } from "../../src/wire/source.ts";
import { sourceFrom } from "../../src/wire/source.ts";
import type { FakeRequest } from "../support/fake-exchange.ts";
import { bodyText, FakeExchange } from "../support/fake-exchange.ts";

/** An answer as a client would see it. */
export interface Answer {
  status: number;
  body: string;
  /** By lower-case name; lines of one name joined by ", ". */
  headers: Record<string, string>;
}

export interface Asked extends Omit<FakeRequest, "body"> {
  /** The address the connection comes from. */
  from?: string;
  body?: string | Source;
  report?: ErrorReport;
}

/** Asks an App without a server. */
export async function ask(
  // oxlint-disable-next-line no-explicit-any
  app: App<any, any, any, any>,
  target: string,
  { from, body, report, ...request }: Asked = {},
): Promise<Answer> {
  const exchange = new FakeExchange(target, {
    ...request,
    ...(from !== undefined && { connection: { remoteAddress: from } }),
    ...(body !== undefined && {
      body: typeof body === "string" ? sourceFrom([body], body.length) : body,
    }),
  });
  const reply = await app.handle(exchange, report);
  const headers: Record<string, string> = {};
  for (const [name] of reply.headers) {
    headers[name.toLowerCase()] = reply.headers.getAll(name).join(", ");
  }
  return { status: reply.status, body: await bodyText(reply), headers };
}

/** The code of a problem document. */
export function codeOf({ body }: Answer): string {
  return (JSON.parse(body) as { code: string }).code;
}
