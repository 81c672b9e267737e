import type { Source } from "../../wire/source.ts";
import type { Call, Transport, UpstreamReply, UpstreamRequest, UpstreamTimeouts } from "../call.ts";

/** Sends one request to the backend that is checked, and rejects with what went wrong. */
export type SendProbe = (request: UpstreamRequest, signal: AbortSignal) => Promise<UpstreamReply>;

/** The checker has a time limit of its own. */
const NO_TIMEOUTS: UpstreamTimeouts = { connectMs: 0, firstByteMs: 0, idleMs: 0 };

/** Sends probes over the connections of a backend. They are not among its requests under way. */
export function sendOver(transport: Transport): SendProbe {
  return (request, signal) =>
    new Promise((resolve, reject) => {
      const abort = (): void => call.abort?.(signal.reason);
      const call: Call = {
        request,
        timeouts: NO_TIMEOUTS,
        inform() {},
        resolve,
        reject: (fault) => {
          signal.removeEventListener("abort", abort);
          reject(fault as Error);
        },
        finished: () => signal.removeEventListener("abort", abort),
        abort: undefined,
      };
      signal.throwIfAborted();
      signal.addEventListener("abort", abort, { once: true });
      transport.start(call);
    });
}

/**
 * The beginning of an answer's body, up to `limit` bytes; the rest is given up.
 */
export async function readStart(body: UpstreamReply["body"], limit: number): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  if (body instanceof Uint8Array) return body.subarray(0, limit);
  const start = new Uint8Array(limit);
  let size = 0;
  while (size < limit) {
    const chunk = await body.pull();
    if (chunk === null) return start.subarray(0, size);
    const part = chunk.subarray(0, limit - size);
    start.set(part, size);
    size += part.byteLength;
  }
  body.cancel();
  return start;
}

/** What an answer still has is not wanted. */
export function discard(body: UpstreamReply["body"]): void {
  if (body !== null && !(body instanceof Uint8Array)) (body as Source).cancel();
}
