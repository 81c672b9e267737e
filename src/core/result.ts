import { HeaderList } from "../http/header-list.ts";
import { isReply, Reply } from "./reply.ts";
import { bytesReply, jsonReply, textReply } from "./replies.ts";
import type { Source } from "../wire/source.ts";
import { sourceFrom, sourceFromStream } from "../wire/source.ts";

/** Makes a Reply of what a handler answered; see {@link Result}. A thenable that is no Promise is awaited. */
export function toReply(result: unknown): Reply | Promise<Reply> {
  if (typeof result === "string") return textReply(result);
  if (result instanceof Reply) return result;
  if (result === undefined) return new Reply(null, 204);
  if (typeof result !== "object" || result === null) return jsonReply(result);
  if (result instanceof Response) return Reply.fromResponse(result);
  return objectReply(result);
}

function objectReply(result: object): Reply | Promise<Reply> {
  if (isReply(result)) return result;
  if (result instanceof Uint8Array) return bytesReply(result);
  if (result instanceof ArrayBuffer) return bytesReply(new Uint8Array(result));
  if ("pull" in result && typeof result.pull === "function") return bytesReply(result as Source);
  if (result instanceof Blob) return blobReply(result);
  if (result instanceof ReadableStream) {
    return bytesReply(sourceFromStream(result as ReadableStream<Uint8Array>));
  }
  if (Symbol.asyncIterator in result) {
    return bytesReply(sourceFrom(result as AsyncIterable<string | Uint8Array>));
  }
  if ("then" in result && typeof result.then === "function") {
    return Promise.resolve(result as PromiseLike<unknown>).then(toReply);
  }
  return jsonReply(result);
}

/** Files of a runtime (`Bun.file`) are Blobs too. */
function blobReply(blob: Blob): Reply {
  const body = sourceFromStream(blob.stream(), blob.size);
  const type = blob.type === "" ? "application/octet-stream" : blob.type;
  return new Reply(body, 200, new HeaderList(["Content-Type", type]));
}

/** Makes a Reply of a result that goes through the schema of its route: JSON, whatever its type. */
export function encodedReply(
  encode: (value: unknown, status: number) => unknown,
  status: number,
): (result: unknown) => Reply | Promise<Reply> {
  const send = (value: unknown): Reply =>
    value === undefined ? new Reply(null, 204) : jsonReply(value, status);
  return (result) => {
    if (result instanceof Reply) return result;
    if (result instanceof Response) return Reply.fromResponse(result);
    const value = encode(result, status);
    return value instanceof Promise ? value.then(send) : send(value);
  };
}
