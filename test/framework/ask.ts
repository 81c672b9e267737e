import type { App } from "../../src/index.ts";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  // oxlint-disable-next-line no-explicit-any
  readonly json: any;
}

/** Asks an App as another runtime would, through fetch. `json` is sent as such. */
export async function ask(
  // oxlint-disable-next-line no-explicit-any
  app: Pick<App<any, any, any, any>, "fetch">,
  line: string,
  init: RequestInit & { json?: unknown } = {},
): Promise<Answered> {
  const [method, target] = line.includes(" ")
    ? (line.split(" ") as [string, string])
    : ["GET", line];
  const { json, ...rest } = init;
  const headers = new Headers(rest.headers);
  if (json !== undefined) headers.set("content-type", "application/json");
  const url = target.startsWith("http") ? target : `http://localhost${target}`;
  const body = json === undefined ? (rest.body ?? null) : JSON.stringify(json);
  const response = await app.fetch(new Request(url, { ...rest, method, headers, body }));
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json() {
      return JSON.parse(text);
    },
  };
}
