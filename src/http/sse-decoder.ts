/** An event as a client is told of it. */
export interface DecodedEvent {
  /** `message` where the server named none. */
  readonly event: string;
  readonly data: string;
  /** The last id that was seen, which need not be this event's. */
  readonly lastEventId: string;
}

/**
 * Reads an event stream from chunks of any size, as HTML 9.2.6 has it.
 * @example
 * const decoder = new EventStreamDecoder();
 * for await (const chunk of response.body) {
 *   for (const { event, data } of decoder.push(chunk)) console.log(event, data);
 * }
 */
export class EventStreamDecoder {
  /** To send as `Last-Event-ID` when reconnecting; "" for none. */
  lastEventId = "";
  /** Milliseconds to wait before reconnecting, once the server has said so. */
  retry: number | undefined;
  readonly #maxBytes: number;
  // Drops the byte order mark at the beginning and repairs what is not UTF-8, as the standard wants.
  readonly #decoder = new TextDecoder();
  #rest = "";
  #afterCr = false;
  #data: string | undefined;
  #size = 0;
  #event = "";
  #id = "";

  /** @param maxBytes characters one event may have */
  constructor(maxBytes = 16 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  /** The events that this chunk completes. What the end of a stream leaves incomplete is dropped. @throws RangeError */
  push(chunk: Uint8Array): DecodedEvent[] {
    let text = this.#decoder.decode(chunk, { stream: true });
    if (text === "") return [];
    // A CR that ended a chunk ended the line; the LF of a CRLF belongs to it.
    if (this.#afterCr && text.startsWith("\n")) text = text.slice(1);
    this.#afterCr = text.endsWith("\r");
    const events: DecodedEvent[] = [];
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() as string;
    for (const line of lines) {
      if (line === "") this.#dispatch(events);
      else this.#field(line);
    }
    this.#checkSize(this.#rest.length);
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const from = line[colon + 1] === " " ? colon + 2 : colon + 1;
    const value = colon < 0 ? "" : line.slice(from);
    if (name === "data") {
      this.#checkSize(value.length);
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
      this.#size += value.length + 1;
    } else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^\d{1,15}$/.test(value)) this.retry = Number(value);
  }

  #dispatch(events: DecodedEvent[]): void {
    this.lastEventId = this.#id;
    if (this.#data !== undefined) {
      events.push({
        event: this.#event === "" ? "message" : this.#event,
        data: this.#data,
        lastEventId: this.#id,
      });
    }
    this.#data = undefined;
    this.#size = 0;
    this.#event = "";
  }

  #checkSize(more: number): void {
    if (this.#size + more > this.#maxBytes) {
      throw new RangeError(`an event of the stream is larger than ${this.#maxBytes}`);
    }
  }
}
