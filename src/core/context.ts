import { HeaderList } from "../http/header-list.ts";
import type { Exchange } from "./exchange.ts";
import type { Source } from "./source.ts";

/**
 * The face of an {@link Exchange} for people. Properties are getters and cost nothing until read.
 */
export class Context {
  readonly exchange: Exchange;
  /** The part of the canonical path behind a prefix route (`/docs/*` → `guide/a.html`), else "". */
  readonly rest: string;
  #pending: HeaderList | undefined;

  constructor(exchange: Exchange, rest = "") {
    this.exchange = exchange;
    this.rest = rest;
  }

  get method(): string {
    return this.exchange.method;
  }
  /** The canonical path. */
  get path(): string {
    return this.exchange.path;
  }
  get body(): Source | null {
    return this.exchange.body;
  }
  /** Request headers. */
  get requestHeaders(): HeaderList {
    return this.exchange.headers;
  }

  /** Pending reply headers: merged into whichever Reply leaves, an error's too. */
  get headers(): HeaderList {
    return (this.#pending ??= new HeaderList());
  }
  /** The pending headers if any were set, without making the list. */
  get pendingHeaders(): HeaderList | undefined {
    return this.#pending;
  }
}
