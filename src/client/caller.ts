import { parseSize } from "../internal/parse-size.ts";
import type { ClientOptions } from "./client-options.ts";
import { Deadline, TimeIsUp } from "./deadline.ts";
import type { EventOptions } from "./event-stream.ts";
import { eventStream } from "./event-stream.ts";
import { HttpClientError } from "./http-client-error.ts";
import { openSocket } from "./open-socket.ts";
import type { Answer } from "./read-answer.ts";
import type { AnyOutcome } from "./read-outcome.ts";
import { noAnswer, readOutcome } from "./read-outcome.ts";
import type { EncodedBody } from "./request-body.ts";
import { encodeBody } from "./request-body.ts";
import { BaseUrl } from "./base-url.ts";
import { RetryPolicy, checkNumber } from "./retry-policy.ts";
import type { Fetch, Transmission } from "./transmit.ts";
import { asClientError, transmit } from "./transmit.ts";
import { withCookies } from "./with-cookies.ts";
import { writeEntries } from "./write-scalar.ts";

/** What a call may be given, whatever its route. */
export interface AnyInput extends EventOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: object;
  readonly headers?: object;
  readonly json?: unknown;
  readonly form?: object;
  readonly body?: unknown;
  readonly method?: string;
  readonly signal?: AbortSignal;
  readonly timeout?: number;
  readonly protocols?: readonly string[];
}

interface Prepared {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly encoded: EncodedBody | undefined;
}

/** Sends what calls ask for. It knows no contract: the route's key and the input say all. */
export class Caller {
  readonly #base: BaseUrl;
  readonly #options: ClientOptions;
  readonly #transmission: Transmission;
  readonly #timeout: number;
  readonly #maxResponse: number;
  readonly #inProcess: boolean;

  /** @param inProcess answers instead of the network */
  constructor(base: string | URL, options: ClientOptions, inProcess?: Fetch) {
    this.#base = new BaseUrl(base);
    this.#options = options;
    this.#inProcess = inProcess !== undefined;
    const { cookies, hooks = {}, retries = 0 } = options;
    const own = options.fetch ?? ((request: Request) => fetch(request));
    this.#transmission = {
      fetch: inProcess ?? (cookies === undefined ? own : withCookies(own, cookies)),
      policy: new RetryPolicy(retries),
      hooks,
      responseTimeout: 0,
    };
    this.#timeout = checkNumber("timeout", options.timeout ?? 30_000);
    this.#maxResponse = parseSize(options.maxResponse ?? "16MiB");
  }

  /** @throws TypeError when the key is no `"METHOD /path"` */
  route(key: string): unknown {
    const space = key.indexOf(" ");
    const method = key.slice(0, space);
    const path = key.slice(space + 1);
    if (!path.startsWith("/")) {
      throw new TypeError(`${JSON.stringify(key)} is no route: write "METHOD /path"`);
    }
    if (method === "WS") return (input: AnyInput = {}) => this.#connect(path, input);
    const prepare = (input: AnyInput) => this.#prepare(method, path, input);
    const call = async (input: AnyInput = {}) => this.#call(await prepare(input), input);
    const response = async (input: AnyInput = {}) => this.#response(await prepare(input), input);
    const events = (input: AnyInput = {}) => this.#events(() => prepare(input), input);
    return Object.assign(call, { response, events });
  }

  async #prepare(method: string, path: string, input: AnyInput): Promise<Prepared> {
    const { headers: always } = this.#options;
    const own = typeof always === "function" ? await always() : always;
    const headers = new Headers();
    for (const values of [own ?? {}, input.headers ?? {}]) {
      for (const [name, value] of writeEntries("header", values)) headers.set(name, value);
    }
    const encoded = encodeBody(input);
    if (encoded?.type !== undefined && !headers.has("content-type")) {
      headers.set("content-type", encoded.type);
    }
    const chosen = method === "ALL" ? (input.method ?? "GET") : method;
    return {
      method: chosen,
      url: this.#base.url(path, input.params, input.query),
      headers,
      encoded,
    };
  }

  #send({ method, url, headers, encoded }: Prepared, signal: AbortSignal): Promise<Answer> {
    let last: Request | undefined;
    const make = (own: AbortSignal): Request => {
      const { redirect } = this.#options;
      const init = {
        method,
        headers,
        signal: own,
        ...(redirect && { redirect }),
        ...(encoded && { body: encoded.body, duplex: "half" }),
      };
      return (last = new Request(url, init as RequestInit));
    };
    const replayable = encoded?.replayable ?? true;
    const sending = transmit(make, this.#transmission, { replayable, signal });
    return sending.then((response) => ({ response, request: last as Request, signal }));
  }

  async #call(prepared: Prepared, input: AnyInput): Promise<AnyOutcome> {
    const deadline = this.#deadline(input);
    let answer: Answer | undefined;
    try {
      answer = await this.#send(prepared, deadline.signal);
      return await readOutcome(answer, this.#maxResponse);
    } catch (error) {
      const late = error instanceof TimeIsUp && answer !== undefined;
      const known = late ? asClientError(error, answer?.request as Request, 1) : error;
      if (known instanceof HttpClientError) return noAnswer(known);
      throw known;
    } finally {
      deadline.end();
    }
  }

  /** The time limit is the head's: how long the body is used is the caller's affair. */
  async #response(prepared: Prepared, input: AnyInput): Promise<Response> {
    const deadline = this.#deadline(input);
    try {
      return (await this.#send(prepared, deadline.signal)).response;
    } finally {
      deadline.end();
    }
  }

  async *#events(prepare: () => Promise<Prepared>, input: AnyInput): AsyncGenerator<unknown> {
    const ended = new AbortController();
    const signals = [input.signal, ended.signal];
    const { signal } = new Deadline("", 0, signals);
    const connect = async (lastEventId: string): Promise<Answer> => {
      const prepared = await prepare();
      prepared.headers.set("accept", "text/event-stream");
      prepared.headers.set("cache-control", "no-store");
      if (lastEventId !== "") prepared.headers.set("last-event-id", lastEventId);
      const head = this.#deadline(input, ended.signal);
      try {
        const { response, request } = await this.#send(prepared, head.signal);
        return { response, request, signal };
      } finally {
        head.end();
      }
    };
    try {
      yield* eventStream(connect, signal, input);
    } finally {
      ended.abort(new DOMException("the loop over the events was left", "AbortError"));
    }
  }

  async #connect(path: string, input: AnyInput): Promise<WebSocket> {
    const { webSocket, cookies } = this.#options;
    const { headers } = await this.#prepare("GET", path, {
      ...input,
      headers: input.headers ?? {},
    });
    if (webSocket === undefined && this.#inProcess) {
      throw new TypeError(
        "a WebSocket needs a socket: use testClient of sluice/testing, or give the option webSocket",
      );
    }
    const url = this.#base.url(path, input.params, input.query);
    const kept = cookies?.header(new URL(url).pathname) ?? "";
    if (kept !== "") headers.set("cookie", kept);
    const open = webSocket ?? ((to, protocols) => new WebSocket(to, [...protocols]));
    const socket = await open(url.replace(/^http/, "ws"), input.protocols ?? [], headers);
    return openSocket(socket, new Deadline("the handshake", this.#timeout, [input.signal]));
  }

  #deadline(input: AnyInput, ...signals: AbortSignal[]): Deadline {
    const ms = checkNumber("timeout", input.timeout ?? this.#timeout);
    return new Deadline("the call", ms, [input.signal, ...signals]);
  }
}
