import type { DecodedEvent } from "../http/sse-decoder.ts";
import { EventStreamDecoder } from "../http/sse-decoder.ts";
import { essenceOf } from "../http/media-type.ts";
import { pause, unlessAborted } from "./deadline.ts";
import { HttpClientError, factsOf } from "./http-client-error.ts";
import type { Answer } from "./read-answer.ts";

/** What holds for one stream of events. */
export interface EventOptions {
  /** Connects again when the stream ends or breaks, and goes on after the last event. Default false. */
  readonly reconnect?: boolean;
}

/** Until the server says something else (HTML 9.2.3 leaves it open). Milliseconds. */
const RECONNECT_AFTER_MS = 3_000;

/**
 * Server-sent events as they come (HTML 9.2). Leaving the loop ends the connection.
 * @param connect asks for the stream, after that event if any
 * @throws HttpClientError bad_status, bad_body when the answer is no event stream, unreachable
 */
export async function* eventStream(
  connect: (lastEventId: string) => Promise<Answer>,
  signal: AbortSignal,
  { reconnect = false }: EventOptions,
): AsyncGenerator<DecodedEvent, void, void> {
  let lastEventId = "";
  let retry = RECONNECT_AFTER_MS;
  for (;;) {
    try {
      const answer = await connect(lastEventId);
      // "Do not come back" (HTML 9.2.3).
      if (answer.response.status === 204) return;
      const decoder = new EventStreamDecoder();
      try {
        yield* eventsOf(answer, decoder);
      } finally {
        lastEventId = decoder.lastEventId || lastEventId;
        retry = decoder.retry ?? retry;
      }
    } catch (error) {
      const broken = error instanceof HttpClientError && error.code === "unreachable";
      if (!reconnect || !broken) throw error;
    }
    if (!reconnect) return;
    await pause(retry, signal);
  }
}

async function* eventsOf(
  { response, request, signal }: Answer,
  decoder: EventStreamDecoder,
): AsyncGenerator<DecodedEvent, void, void> {
  const facts = { ...factsOf(request), status: response.status, headers: response.headers };
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new HttpClientError("bad_status", `status ${response.status}`, facts);
  }
  const type = essenceOf(response.headers.get("content-type") ?? "");
  if (type !== "text/event-stream" || response.body === null) {
    await response.body?.cancel();
    throw new HttpClientError(
      "bad_body",
      `${type || "an answer without type"} is no event stream`,
      facts,
    );
  }
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await unlessAborted(signal, reader.read()).catch((error: unknown) => {
        if (signal.aborted) throw error;
        throw new HttpClientError("unreachable", "the stream broke off", {
          ...facts,
          cause: error,
        });
      });
      if (done) return;
      yield* decoder.push(value);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
