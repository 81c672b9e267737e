export interface LoadOptions {
  readonly url: string;
  /** Requests in flight. */
  readonly connections: number;
  readonly seconds: number;
  /** Of wrk, for requests that are no plain GET. */
  readonly script?: string | undefined;
}

/** What a load generator saw. */
export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  /** Answers that were no success, and connections that broke. */
  readonly errors: number;
  /** The 99th percentile of the time to an answer, where the generator tells it. */
  readonly p99Ms?: number;
}
