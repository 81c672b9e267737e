import { ConnectionError, ErrorCode, Flag, FrameType } from "./frames.ts";

/** Payload sizes that are fixed (RFC 9113 6). */
const SIZES: Record<number, number> = {
  [FrameType.priority]: 5,
  [FrameType.rstStream]: 4,
  [FrameType.ping]: 8,
  [FrameType.windowUpdate]: 4,
};

/**
 * What can be told of a frame by its head alone. Nobody may push to us: a client cannot, and servers are told not to.
 * @throws ConnectionError
 */
export function checkFrame(type: number, flags: number, id: number, length: number): void {
  const size = SIZES[type];
  if (size !== undefined && length !== size)
    fail(ErrorCode.frameSize, `${nameOf(type)} of ${length} bytes`);
  switch (type) {
    case FrameType.data:
    case FrameType.priority:
    case FrameType.rstStream:
    case FrameType.continuation:
      if (id === 0) fail(ErrorCode.protocol, `${nameOf(type)} on no stream`);
      return;
    case FrameType.headers:
      if (id % 2 === 0) fail(ErrorCode.protocol, `HEADERS on stream ${id}`);
      return;
    case FrameType.settings:
      if (id !== 0) fail(ErrorCode.protocol, "SETTINGS on a stream");
      if ((flags & Flag.ack) !== 0 && length > 0)
        fail(ErrorCode.frameSize, "SETTINGS ACK with payload");
      return;
    case FrameType.ping:
    case FrameType.goaway:
      if (type === FrameType.goaway && length < 8)
        fail(ErrorCode.frameSize, `GOAWAY of ${length} bytes`);
      if (id !== 0) fail(ErrorCode.protocol, `${nameOf(type)} on a stream`);
      return;
    case FrameType.pushPromise:
      fail(ErrorCode.protocol, "PUSH_PROMISE to one that takes none");
  }
}

function fail(code: number, message: string): never {
  throw new ConnectionError(code, message);
}

function nameOf(type: number): string {
  const found = Object.entries(FrameType).find(([, value]) => value === type);
  return (found?.[0] ?? "frame").toUpperCase();
}
