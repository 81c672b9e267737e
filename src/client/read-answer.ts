import { essenceOf } from "../http/media-type.ts";
import { unlessAborted } from "./deadline.ts";
import { HttpClientError, factsOf } from "./http-client-error.ts";

/** An answer whose body is to be read. */
export interface Answer {
  readonly response: Response;
  readonly request: Request;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

/** The whole body. @throws HttpClientError too_large, unreachable when it breaks off; the signal's reason */
export async function readBytes(
  { response, request, signal }: Answer,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const facts = { ...factsOf(request), status: response.status, headers: response.headers };
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body !== null) {
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await unlessAborted(signal, reader.read()).catch((error: unknown) => {
        reader.cancel(error).catch(() => {});
        if (signal.aborted) throw error;
        const what = "the answer broke off";
        throw new HttpClientError("unreachable", what, { ...facts, cause: error });
      });
      if (done) break;
      chunks.push(value);
      size += value.length;
      if (size > maxBytes) {
        reader.cancel().catch(() => {});
        const what = `the answer is larger than ${maxBytes} bytes`;
        throw new HttpClientError("too_large", what, facts);
      }
    }
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** What a body is by its media type: JSON's value, text, bytes; undefined when it is empty and has no type. */
export async function readAnswer(answer: Answer, maxBytes: number): Promise<unknown> {
  const { response } = answer;
  const bytes = await readBytes(answer, maxBytes);
  const type = essenceOf(response.headers.get("content-type") ?? "");
  if (bytes.length === 0 && (type === "" || response.status === 204)) return undefined;
  if (isJson(type)) return parseJson(bytes, answer);
  return type.startsWith("text/") ? new TextDecoder().decode(bytes) : bytes;
}

/** `application/json` and what is built on it (RFC 6839 3.1). */
export function isJson(type: string): boolean {
  return type === "application/json" || type.endsWith("+json");
}

/** @throws HttpClientError bad_body */
export function parseJson(bytes: Uint8Array, { response, request }: Answer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const facts = { ...factsOf(request), status: response.status, headers: response.headers };
    throw new HttpClientError("bad_body", "the answer is no JSON", { ...facts, cause });
  }
}
