import type { ForwardedElement } from "../http/forwarded.ts";

/** Where a request came from as a trusted proxy tells it. */
export interface Forwarded {
  readonly ip: string;
  readonly scheme: "http" | "https";
  /** Lower case, with its port if any. */
  readonly authority: string;
  /**
   * From the client's hop on to the nearest, as elements of `Forwarded` whatever words they were told in: what stood
   * before them, and what was said in other words, is the client's own.
   */
  readonly hops?: readonly ForwardedElement[];
}
