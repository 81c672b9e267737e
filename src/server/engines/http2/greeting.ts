import { DEFAULT_WINDOW, FrameType } from "../../../wire/http2/frames.ts";
import { STREAM_WINDOW } from "../../../wire/http2/message-stream.ts";
import { serverSettings } from "../../../wire/http2/settings.ts";
import type { Limits } from "../../limits.ts";
import type { FrameWriter } from "../../../wire/http2/frame-writer.ts";

/** What a client may send on all streams together before handlers have used any of it. */
export const CONNECTION_WINDOW = 1024 * 1024;

/** The server's preface (RFC 9113 3.4): its settings and its window. */
export function greet(writer: FrameWriter, limits: Limits): void {
  const settings = serverSettings(limits.streams, limits.headerBytes, STREAM_WINDOW);
  writer.frame(FrameType.settings, 0, 0, settings);
  writer.numbers(FrameType.windowUpdate, 0, CONNECTION_WINDOW - DEFAULT_WINDOW);
  writer.schedule();
}
