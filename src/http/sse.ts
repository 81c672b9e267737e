/** One event of an event stream (HTML 9.2, server-sent events). */
export interface ServerSentEvent {
  /** May have several lines. */
  data?: string;
  /** Which listener it is for; `message` if left out. */
  event?: string;
  /** What a client that reconnects sends as `Last-Event-ID`; "" makes it forget. */
  id?: string;
  /** Milliseconds a client waits before it reconnects. */
  retry?: number;
}

/** Of a reply that is an event stream. Proxies must neither keep nor hold back what they pass on. */
export const EVENT_STREAM_TYPE = "text/event-stream";

/**
 * An event as it goes over the wire. No text can begin another field or event.
 * @throws TypeError for an `event` or `id` with a line end, an `id` with NUL, or a `retry` that is no whole number
 * @example encodeEvent({ id: "7", data: "a\nb" }) // "id: 7\ndata: a\ndata: b\n\n"
 */
export function encodeEvent({ data, event, id, retry }: ServerSentEvent): string {
  let text = "";
  if (event !== undefined) text += `event: ${oneLine("event", event)}\n`;
  if (id !== undefined) {
    // A client ignores an id with NUL, and would come back with the one before.
    if (id.includes("\0")) throw new TypeError("the id of an event may not hold NUL");
    text += `id: ${oneLine("id", id)}\n`;
  }
  if (retry !== undefined) {
    if (!Number.isSafeInteger(retry) || retry < 0) {
      throw new TypeError(`retry is a whole number of milliseconds, not ${retry}`);
    }
    text += `retry: ${retry}\n`;
  }
  if (data !== undefined) text += lines("data: ", data);
  return `${text}\n`;
}

/** A comment: clients ignore it, and it keeps idle connections open. */
export function encodeComment(text = ""): string {
  return `${lines(": ", text)}\n`;
}

function oneLine(what: string, text: string): string {
  if (!/[\r\n]/.test(text)) return text;
  throw new TypeError(`the ${what} of an event is one line`);
}

function lines(prefix: string, text: string): string {
  return `${prefix}${text.split(/\r\n|\r|\n/).join(`\n${prefix}`)}\n`;
}
