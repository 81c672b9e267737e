import { Deadline, TimeIsUp, pause, unlessAborted } from "./deadline.ts";
import { HttpClientError, factsOf } from "./http-client-error.ts";
import type { RetryPolicy } from "./retry-policy.ts";

/** The platform's `fetch`, or what looks like it. */
export type Fetch = (request: Request) => Promise<Response>;

/** Called around every try. */
export interface ClientHooks {
  /** Before it is sent; a Request that it returns is sent instead. */
  before?(request: Request): Request | void | Promise<Request | void>;
  /** With the head of an answer; a Response that it returns is taken instead. */
  after?(response: Response, request: Request): Response | void | Promise<Response | void>;
  /** Where no answer came. @param sent how often the request was sent */
  error?(error: unknown, request: Request, sent: number): void;
}

export interface Transmission {
  readonly fetch: Fetch;
  readonly policy: RetryPolicy;
  readonly hooks: ClientHooks;
  /** Milliseconds one try may take until the head of its answer. 0 = no limit. */
  readonly responseTimeout: number;
}

/**
 * Sends a request, again where the policy says so.
 * @param make makes the request anew for every try
 * @param replayable false when its body is a stream, which can be sent once
 * @param signal ends everything, the answer's body too
 * @throws HttpClientError unreachable or timed_out; the signal's reason when it is not a time limit
 */
export async function transmit(
  make: (signal: AbortSignal) => Request,
  { fetch, policy, hooks, responseTimeout }: Transmission,
  { replayable, signal }: { readonly replayable: boolean; readonly signal: AbortSignal },
): Promise<Response> {
  for (let sent = 1; ; sent++) {
    const limit = new Deadline("the head of the answer", responseTimeout, [signal]);
    let request = make(limit.signal);
    let response: Response | undefined;
    let failure: unknown;
    try {
      request = (await hooks.before?.(request)) ?? request;
      response = await unlessAborted(limit.signal, fetch(request));
      response = (await hooks.after?.(response, request)) ?? response;
    } catch (error) {
      hooks.error?.(error, request, sent);
      failure = error;
    } finally {
      limit.end();
    }
    if (signal.aborted) throw aborted(signal, request, sent);
    const wait = replayable ? policy.pause(request, sent, response) : undefined;
    if (wait === undefined) {
      if (response !== undefined) return response;
      throw asClientError(failure, request, sent);
    }
    await response?.body?.cancel().catch(() => {});
    try {
      await pause(wait, signal);
    } catch {
      throw aborted(signal, request, sent);
    }
  }
}

function aborted(signal: AbortSignal, request: Request, sent: number): unknown {
  const { reason } = signal;
  return reason instanceof TimeIsUp ? asClientError(reason, request, sent) : reason;
}

/** Errors of a fetch as one kind; those of the caller's own making stay what they are. */
export function asClientError(error: unknown, request: Request, sent: number): unknown {
  if (error instanceof HttpClientError) return error;
  const code = error instanceof TimeIsUp ? "timed_out" : "unreachable";
  const what = error instanceof Error ? error.message : String(error);
  return new HttpClientError(code, what, { ...factsOf(request), sent, cause: error });
}
