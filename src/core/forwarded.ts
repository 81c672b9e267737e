/** Where a request came from as a trusted proxy tells it. */
export interface Forwarded {
  readonly ip: string;
  readonly scheme: "http" | "https";
  /** Lower case, with its port if any. */
  readonly authority: string;
}
