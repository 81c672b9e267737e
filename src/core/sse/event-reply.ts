import { EVENT_STREAM_TYPE } from "../../http/sse.ts";
import { HeaderList } from "../../http/header-list.ts";
import type { Context } from "../context.ts";
import { Reply } from "../reply.ts";
import type { OutgoingEvent } from "./event-stream.ts";
import { EventStream } from "./event-stream.ts";

/** Where events come from: a function that sends them, or a sequence, such as the tokens of a model. */
export type EventProducer =
  | ((stream: EventStream) => void | Promise<void>)
  | AsyncIterable<OutgoingEvent>;

export interface EventStreamOptions {
  /** Milliseconds of silence after which a comment is sent, so that nobody between takes the stream for dead. Default 15,000; 0 = never. */
  readonly heartbeatMs?: number;
}

const HEADERS = new HeaderList([
  "Content-Type",
  EVENT_STREAM_TYPE,
  "Cache-Control",
  "no-store, no-transform",
  // nginx in front would hold events back.
  "X-Accel-Buffering",
  "no",
]).freeze();

/** A reply that sends events for as long as its producer runs. When that throws, the stream breaks off and the log is told. */
export function eventReply(
  c: Context,
  producer: EventProducer,
  { heartbeatMs = 15_000 }: EventStreamOptions = {},
): Reply {
  const lastEventId = c.requestHeaders.get("last-event-id") ?? undefined;
  const stream = new EventStream(lastEventId, c.signal, heartbeatMs);
  const run = typeof producer === "function" ? producer : sendAll(producer);
  void (async () => {
    try {
      await run(stream);
      stream.close();
    } catch (error) {
      if (stream.closed) return;
      c.report(error);
      stream.fail(error);
    }
  })();
  return new Reply(stream, 200, HEADERS);
}

function sendAll(events: AsyncIterable<OutgoingEvent>): (stream: EventStream) => Promise<void> {
  return async (stream) => {
    for await (const event of events) {
      await stream.send(event);
      // Leaving the loop ends the generator too.
      if (stream.closed) return;
    }
  };
}
