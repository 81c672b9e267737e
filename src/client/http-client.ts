import type { InputOf, OutputOf, Schema } from "../core/spec/standard-schema.ts";
import { parseSize } from "../internal/parse-size.ts";
import { BaseUrl } from "./base-url.ts";
import type { HeaderValues } from "./client-options.ts";
import { Deadline, TimeIsUp } from "./deadline.ts";
import { HttpClientError, factsOf } from "./http-client-error.ts";
import { essenceOf } from "../http/media-type.ts";
import { problemDocument } from "./problem-document.ts";
import type { Answer } from "./read-answer.ts";
import { isJson, parseJson, readBytes } from "./read-answer.ts";
import { encodeBody } from "./request-body.ts";
import type { BodyInput } from "./request-body.ts";
import type { RetryOptions } from "./retry-policy.ts";
import { RetryPolicy, checkNumber } from "./retry-policy.ts";
import { traceHeaders } from "./trace-headers.ts";
import type { TraceSource } from "./trace-headers.ts";
import type { ClientHooks, Fetch, Transmission } from "./transmit.ts";
import { asClientError, transmit } from "./transmit.ts";
import { writeEntries } from "./write-scalar.ts";

// oxlint-disable-next-line no-explicit-any
type AnySchema = Schema<any, any>;

/** What holds for every request. Times are milliseconds. */
export interface HttpClientOptions {
  /** http or https; every path is under it. */
  readonly base: string | URL;
  readonly headers?: HeaderValues | (() => HeaderValues | Promise<HeaderValues>);
  /** All of a request: tries, pauses and reading the answer. Default 30,000; 0 = no limit. */
  readonly timeout?: number;
  /** One try until the head of its answer, connecting included: `fetch` does not tell of that alone. Default 10,000; 0 = no limit. */
  readonly responseTimeout?: number;
  /** How often, or more about it. Default twice, for idempotent methods. */
  readonly retry?: number | RetryOptions;
  readonly hooks?: ClientHooks;
  /** Most bytes of an answer in memory. Default 16 MiB. */
  readonly maxResponse?: number | string;
  /** Instead of the platform's. */
  readonly fetch?: Fetch;
}

/** One request. At most one of `json`, `form` and `body`. */
export interface HttpRequestOptions extends BodyInput {
  /** For the parameters of the path, as in `/users/:id`. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: object;
  readonly headers?: HeaderValues;
  readonly signal?: AbortSignal;
  /** Milliseconds, instead of the client's own. */
  readonly timeout?: number;
  /** The request this one is made for: its trace goes on (W3C Trace Context). */
  readonly context?: TraceSource;
}

/** A request whose answer is read. */
export interface HttpReadOptions<
  S extends AnySchema | undefined = undefined,
> extends HttpRequestOptions {
  /** What the JSON of the answer must be. */
  readonly schema?: S;
}

type DataOf<S> = S extends AnySchema ? OutputOf<S> : unknown;

/**
 * Asks another service over HTTP: JSON that is checked, tries again where that does no harm, time limits,
 * an end to what is too large.
 *
 * @example
 * const github = new HttpClient({ base: "https://api.github.com", headers: { authorization } });
 * const repo = await github.get("/repos/:owner/:name", {
 *   params: { owner: "oven-sh", name: "bun" },
 *   schema: z.object({ stargazers_count: z.number() }),
 * });
 */
export class HttpClient {
  readonly #base: BaseUrl;
  readonly #options: HttpClientOptions;
  readonly #transmission: Transmission;
  readonly #timeout: number;
  readonly #maxResponse: number;

  /** @throws TypeError for a base that is no http or https URL; RangeError on a number that cannot be */
  constructor(options: HttpClientOptions) {
    this.#base = new BaseUrl(options.base);
    this.#options = options;
    this.#transmission = {
      fetch: options.fetch ?? ((request) => fetch(request)),
      policy: new RetryPolicy(options.retry),
      hooks: options.hooks ?? {},
      responseTimeout: checkNumber("responseTimeout", options.responseTimeout ?? 10_000),
    };
    this.#timeout = checkNumber("timeout", options.timeout ?? 30_000);
    this.#maxResponse = parseSize(options.maxResponse ?? "16MiB");
  }

  /** The JSON of an answer, as the schema gives it. @throws HttpClientError, also for a status from 400 */
  get<S extends AnySchema | undefined = undefined>(
    path: string,
    options?: HttpReadOptions<S>,
  ): Promise<DataOf<S>> {
    return this.json("GET", path, options);
  }

  /** As {@link get}. */
  post<S extends AnySchema | undefined = undefined>(
    path: string,
    options?: HttpReadOptions<S>,
  ): Promise<DataOf<S>> {
    return this.json("POST", path, options);
  }

  /** As {@link get}. */
  put<S extends AnySchema | undefined = undefined>(
    path: string,
    options?: HttpReadOptions<S>,
  ): Promise<DataOf<S>> {
    return this.json("PUT", path, options);
  }

  /** As {@link get}. */
  patch<S extends AnySchema | undefined = undefined>(
    path: string,
    options?: HttpReadOptions<S>,
  ): Promise<DataOf<S>> {
    return this.json("PATCH", path, options);
  }

  /** As {@link get}. */
  delete<S extends AnySchema | undefined = undefined>(
    path: string,
    options?: HttpReadOptions<S>,
  ): Promise<DataOf<S>> {
    return this.json("DELETE", path, options);
  }

  /** The JSON of an answer to any method; undefined when it has no content. @throws HttpClientError */
  async json<S extends AnySchema | undefined = undefined>(
    method: string,
    path: string,
    options: HttpReadOptions<S> = {},
  ): Promise<DataOf<S>> {
    const deadline = this.#deadline(options);
    let answer: Answer | undefined;
    try {
      answer = await this.#send(method, path, options, deadline.signal, "application/json");
      const value = await this.#read(answer);
      return (await check(options.schema, value, answer)) as DataOf<S>;
    } catch (error) {
      // The time can end while the body is read; every other error has its kind by now.
      throw error instanceof TimeIsUp && answer ? asClientError(error, answer.request, 1) : error;
    } finally {
      deadline.end();
    }
  }

  /**
   * The answer as it is, whatever its status, its body unread and without a limit.
   * @throws HttpClientError when there is none
   */
  async fetch(method: string, path: string, options: HttpRequestOptions = {}): Promise<Response> {
    const deadline = this.#deadline(options);
    try {
      return (await this.#send(method, path, options, deadline.signal, undefined)).response;
    } finally {
      deadline.end();
    }
  }

  async #send(
    method: string,
    path: string,
    options: HttpRequestOptions,
    signal: AbortSignal,
    accept: string | undefined,
  ): Promise<Answer> {
    const { headers: always } = this.#options;
    const url = this.#base.url(path, options.params, options.query);
    const encoded = encodeBody(options);
    const headers = new Headers(traceHeaders(options.context));
    if (accept !== undefined) headers.set("accept", accept);
    if (encoded?.type !== undefined) headers.set("content-type", encoded.type);
    const own = typeof always === "function" ? await always() : always;
    for (const values of [own ?? {}, options.headers ?? {}]) {
      for (const [name, value] of writeEntries("header", values)) headers.set(name, value);
    }
    let request: Request | undefined;
    const body = encoded && { body: encoded.body, duplex: "half" };
    const make = (attempt: AbortSignal): Request =>
      (request = new Request(url, { method, headers, signal: attempt, ...body } as RequestInit));
    const replayable = encoded?.replayable ?? true;
    const response = await transmit(make, this.#transmission, { replayable, signal });
    return { response, request: request as Request, signal };
  }

  async #read(answer: Answer): Promise<unknown> {
    const { response, request } = answer;
    const bytes = await readBytes(answer, this.#maxResponse);
    const { status, headers } = response;
    const type = essenceOf(headers.get("content-type") ?? "");
    if (status >= 400) {
      const problem = isJson(type)
        ? problemDocument(quietly(() => parseJson(bytes, answer)))
        : undefined;
      const said = problem?.detail ?? problem?.title;
      const what = `status ${status}${said === undefined ? "" : `: ${said}`}`;
      throw new HttpClientError("bad_status", what, {
        ...factsOf(request),
        status,
        headers,
        problem,
      });
    }
    if (bytes.length === 0) return undefined;
    if (isJson(type)) return parseJson(bytes, answer);
    const what = `the answer is ${type === "" ? "of no type" : type}, not JSON`;
    throw new HttpClientError("bad_body", what, { ...factsOf(request), status, headers });
  }

  #deadline({ timeout = this.#timeout, signal }: HttpRequestOptions): Deadline {
    return new Deadline("the request", checkNumber("timeout", timeout), [signal]);
  }
}

function quietly(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** @throws HttpClientError bad_body */
async function check(
  schema: AnySchema | undefined,
  value: InputOf<AnySchema>,
  { request, response }: Answer,
): Promise<unknown> {
  if (schema === undefined) return value;
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return result.value;
  const { issues } = result;
  const { status, headers } = response;
  const first = issues[0];
  const keys = (first?.path ?? []).map((step) =>
    String(typeof step === "object" ? step.key : step),
  );
  const what = `the answer does not fit: ${[keys.join("."), first?.message].filter(Boolean).join(": ")}`;
  throw new HttpClientError("bad_body", what, { ...factsOf(request), status, headers, issues });
}
