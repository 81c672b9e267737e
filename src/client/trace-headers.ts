/** Whatever has the header fields of a request: the context of a handler. */
export interface TraceSource {
  readonly requestHeaders: { get(name: string): string | null };
}

/** Version 00 as it stands, later ones as far as they begin like it (Trace Context 3.2.2, 4.3). */
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/** The fields that make a request part of the trace another one is in; none where that is in no valid one. */
export function traceHeaders(context: TraceSource | undefined): Record<string, string> {
  const traceparent = context?.requestHeaders.get("traceparent") ?? "";
  if (!TRACEPARENT.test(traceparent)) return {};
  const tracestate = context?.requestHeaders.get("tracestate") ?? null;
  return tracestate === null ? { traceparent } : { traceparent, tracestate };
}
