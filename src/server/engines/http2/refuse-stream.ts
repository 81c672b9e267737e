import { problem } from "../../../core/errors.ts";
import { ErrorCode, Flag, FrameType } from "../../../wire/http2/frames.ts";
import type { RefusedRequest } from "../multiplexed/request-fields.ts";
import type { Http2Connection } from "./connection.ts";
import { replyBlock } from "./reply-block.ts";

/** Answers a request that never became an exchange. */
export function refuseStream(
  connection: Http2Connection,
  id: number,
  refused: RefusedRequest,
  requestEnded: boolean,
): void {
  const { writer, host, info, queue, peer } = connection;
  const reply = problem(refused.status, refused.code, refused.detail);
  const body = reply.body as Uint8Array;
  const block = replyBlock(reply, "GET", host, info.tls !== undefined);
  writer.fields(FrameType.headers, id, block, false);
  // The body is small and the windows are open at first; a client that closed them gets none.
  if (body.byteLength > Math.min(queue.window, peer.initialWindow)) {
    connection.cut(id, ErrorCode.cancel);
    return;
  }
  queue.window -= body.byteLength;
  writer.frame(FrameType.data, Flag.endStream, id, body);
  if (!requestEnded) connection.cut(id, ErrorCode.noError);
}
