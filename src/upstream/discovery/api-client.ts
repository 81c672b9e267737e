import { HeaderList } from "../../http/header-list.ts";
import { readAll, sourceFrom } from "../../wire/source.ts";
import type { UpstreamReply } from "../call.ts";
import { Upstream } from "../upstream.ts";
import { plainReceiver } from "../receiver.ts";

/** How an API is asked over TLS. */
export interface ApiTls {
  /** The authorities its certificate is verified against in place of the system's, PEM. */
  readonly ca?: string;
  /** A certificate of our own and its key, PEM, for those who ask for one. */
  readonly cert?: string;
  readonly key?: string;
}

/** Whom an API is asked of, and how. */
export interface ApiOptions {
  /** For messages: `consul`. */
  readonly name: string;
  /** Addresses as a backend has them; the next one is asked when one cannot be reached. */
  readonly addresses: readonly string[];
  readonly tls?: ApiTls;
}

export interface ApiRequest {
  /** Path and query. */
  readonly target: string;
  /** Sent as JSON by POST; GET without. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until the head of the answer must be there, and until its end for {@link ApiClient.get}. */
  readonly withinMs?: number;
}

export interface ApiReply {
  readonly headers: HeaderList;
  readonly value: unknown;
}

/** An answer other than 2xx. */
export class ApiStatusError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiStatusError";
    this.status = status;
  }
}

const WITHIN_MS = 10_000;
/** A list of some 10,000 servers. */
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_LINE = 8 * 1024 * 1024;
/** Of the text of an error. */
const MOST_EXCUSE = 300;

/**
 * Asks an API over HTTP/1.1, over TCP, TLS or a unix socket: with the gateway's own client, which is strict, and
 * as patient as each request says.
 */
export class ApiClient {
  readonly #name: string;
  readonly #upstream: Upstream;

  /** @throws TypeError on an address that cannot be */
  constructor({ name, addresses, tls = {} }: ApiOptions) {
    this.#name = name;
    this.#upstream = new Upstream({
      name,
      backends: addresses,
      timeouts: { connectMs: 5_000, firstByteMs: 0, idleMs: 0 },
      retry: { attempts: Math.max(2, addresses.length), ratio: 1, statuses: [] },
      tls,
    });
  }

  /** Asks, and reads the whole answer as JSON. @throws an Error that says what is wrong; {@link ApiStatusError} */
  async get(request: ApiRequest, signal: AbortSignal): Promise<ApiReply> {
    using limit = new Limit(signal, request.withinMs ?? WITHIN_MS);
    const { headers, body } = await this.#send(request, limit.signal);
    const bytes =
      body === null || body instanceof Uint8Array
        ? (body ?? NOTHING)
        : await readAll(body, MOST_BYTES);
    return { headers, value: this.#parse(decoder.decode(bytes)) };
  }

  /**
   * Asks, and reads the answer as it comes: a line of JSON at a time. It ends when the answer does.
   * @param forMs how long the answer may go on: a peer that is gone is not always seen
   * @throws as {@link get}
   */
  async *lines(
    request: ApiRequest,
    signal: AbortSignal,
    forMs: number,
  ): AsyncGenerator<unknown, void> {
    using limit = new Limit(signal, forMs);
    const { body } = await this.#send(request, limit.signal);
    if (body === null) return;
    if (body instanceof Uint8Array) {
      for (const line of decoder.decode(body).split("\n")) {
        if (line.trim() !== "") yield this.#parse(line);
      }
      return;
    }
    const text = new TextDecoder();
    let rest = "";
    try {
      for (let chunk = await body.pull(); chunk !== null; chunk = await body.pull()) {
        rest += text.decode(chunk, { stream: true });
        const lines = rest.split("\n");
        rest = lines.pop() as string;
        if (rest.length > MOST_LINE) throw new Error(`${this.#name} sends a line without an end`);
        for (const line of lines) if (line.trim() !== "") yield this.#parse(line);
      }
    } catch (error) {
      // It has gone on for as long as it may: that is no failure.
      if (!limit.isOver || signal.aborted) throw error;
      return;
    } finally {
      body.cancel();
    }
    // Not every API ends its last line.
    if (rest.trim() !== "") yield this.#parse(rest);
  }

  /** Closes its connections. */
  close(): void {
    this.#upstream.close();
  }

  async #send(
    { target, json, headers = {} }: ApiRequest,
    signal: AbortSignal,
  ): Promise<UpstreamReply> {
    signal.throwIfAborted();
    const content = json === undefined ? undefined : encoder.encode(JSON.stringify(json));
    const fields = HeaderList.from({
      accept: "application/json",
      "user-agent": "sluice",
      ...headers,
      ...(content && { "content-type": "application/json" }),
    });
    const delivery = this.#upstream.send(
      {
        method: content === undefined ? "GET" : "POST",
        target,
        authority: undefined,
        headers: fields,
        body: content === undefined ? null : sourceFrom([content], content.byteLength),
      },
      plainReceiver,
    );
    signal.addEventListener("abort", () => delivery.cancel(signal.reason), { once: true });
    let reply: UpstreamReply;
    try {
      reply = await delivery.outcome;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
    if (reply.status >= 200 && reply.status < 300) return reply;
    throw new ApiStatusError(
      reply.status,
      `${this.#name} answers ${reply.status}${await excuseOf(reply)}`,
    );
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new Error(`${this.#name} answers with something else than JSON`, { cause: error });
    }
  }
}

const NOTHING = new Uint8Array();
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What an answer says of itself: the message of a JSON object, else its text. */
async function excuseOf({ body }: UpstreamReply): Promise<string> {
  try {
    const bytes =
      body === null || body instanceof Uint8Array ? (body ?? NOTHING) : await readAll(body, 65_536);
    const text = decoder.decode(bytes).trim();
    let message = text;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null && "message" in value) {
        message = String(value.message);
      }
    } catch {
      // It is text, then.
    }
    return message === "" ? "" : `: ${message.slice(0, MOST_EXCUSE)}`;
  } catch {
    return "";
  }
}

/** A signal with a time limit of its own. */
class Limit implements Disposable {
  isOver = false;
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #outer: AbortSignal;
  readonly #abort = (): void => this.#controller.abort(this.#outer.reason);

  constructor(outer: AbortSignal, ms: number) {
    this.#outer = outer;
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#controller.abort(new Error(`no answer within ${ms / 1000} s`));
    }, ms);
    this.#timer.unref();
    outer.addEventListener("abort", this.#abort, { once: true });
    if (outer.aborted) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener("abort", this.#abort);
  }
}
