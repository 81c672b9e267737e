import type { Server, ServeOptions } from "sluice/server";

/** What every recipe ends with: `export async function check({ ask, equal }: Check)`. The tests run it. */
export interface Check {
  /** Asks the recipe's `app` without a socket: `await ask("GET /hello")`. Redirects are not followed. */
  ask(line: string, init?: RequestInit & { json?: unknown }): Promise<Answer>;
  /** Fails unless both are deeply equal. */
  equal(seen: unknown, expected: unknown): void;
  /** Serves `app` on a free port until the check is over. */
  serve(options?: ServeOptions): Promise<Server & { readonly url: string }>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  // oxlint-disable-next-line no-explicit-any
  readonly json: any;
}
