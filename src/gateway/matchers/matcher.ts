import type { Exchange } from "../../core/exchange.ts";

/** One thing that a route asks of a request. Lists and explanations name it as the configuration does. */
export interface Matcher {
  /** Such as `header x-a`. */
  readonly name: string;
  /** What it asks for, in words. */
  readonly wanted: string;
  holds(exchange: Exchange): boolean;
}
