import { writeEntries } from "./write-scalar.ts";

/** What a call may say of its body: one of the three. */
export interface BodyInput {
  readonly json?: unknown;
  readonly form?: FormData | URLSearchParams | object;
  readonly body?: unknown;
}

/** A body as `fetch` takes it. */
export interface EncodedBody {
  readonly body: BodyInit;
  /** Undefined where `fetch` knows it better: the boundary of a multipart form, the type of a Blob. */
  readonly type: string | undefined;
  /** False for a stream, which can be sent once. */
  readonly replayable: boolean;
}

/**
 * Encodes a body. The key says how: `json`; `form`, urlencoded unless there is a file in it, else multipart;
 * `body` as it is: text, bytes, a Blob, a stream. Undefined when there is none.
 * @throws TypeError when there are two, or it cannot be encoded
 */
export function encodeBody(input: BodyInput): EncodedBody | undefined {
  const { json, form, body } = input;
  const given = [json, form, body].filter((value) => value !== undefined && value !== null);
  if (given.length > 1) throw new TypeError("a request has one body: give json, form or body");
  if (json !== undefined) {
    const text = JSON.stringify(json) as string | undefined;
    if (text === undefined) throw new TypeError("the value of json is nothing that JSON has");
    return { body: text, type: "application/json", replayable: true };
  }
  if (form !== undefined) return { body: encodeForm(form), type: undefined, replayable: true };
  return body === undefined || body === null ? undefined : encodeRaw(body);
}

function encodeForm(form: object): FormData | URLSearchParams {
  if (form instanceof FormData || form instanceof URLSearchParams) return form;
  const isFile = (value: unknown): value is Blob => value instanceof Blob;
  const entries = Object.entries(form);
  if (!entries.some(([, value]) => [value].flat().some(isFile))) {
    return new URLSearchParams(writeEntries("form field", form));
  }
  const data = new FormData();
  for (const [name, value] of entries) {
    for (const one of [value].flat()) {
      if (isFile(one)) data.append(name, one);
      else
        for (const [, text] of writeEntries("form field", { [name]: one })) data.append(name, text);
    }
  }
  return data;
}

function encodeRaw(body: unknown): EncodedBody {
  if (typeof body === "string") {
    return { body, type: "text/plain; charset=utf-8", replayable: true };
  }
  if (body instanceof FormData || body instanceof URLSearchParams) {
    return { body, type: undefined, replayable: true };
  }
  if (body instanceof Blob) {
    const type = body.type === "" ? "application/octet-stream" : undefined;
    return { body, type, replayable: true };
  }
  const bytes = { type: "application/octet-stream", replayable: true };
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    return { body: body as BodyInit, ...bytes };
  }
  if (body instanceof ReadableStream)
    return { body: body as BodyInit, ...bytes, replayable: false };
  if (typeof body === "object" && body !== null && Symbol.asyncIterator in body) {
    const stream = streamOf(body as AsyncIterable<string | Uint8Array>);
    return { body: stream, ...bytes, replayable: false };
  }
  throw new TypeError(
    "a body is text, bytes, a Blob, a form or a stream; send other values as json",
  );
}

const encoder = new TextEncoder();

/** `ReadableStream.from` is not everywhere yet. */
function streamOf(chunks: AsyncIterable<string | Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(typeof value === "string" ? encoder.encode(value) : value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
