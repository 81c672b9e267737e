import { DEFAULT_WINDOW, FrameType } from "../../../wire/http2/frames.ts";
import { encodeSettings } from "../../../wire/http2/settings.ts";
import type { Limits } from "../../limits.ts";
import type { FrameWriter } from "./frame-writer.ts";

/** What a client may send on a stream before a handler has used any of it. */
export const STREAM_WINDOW = 256 * 1024;
/** And on all streams together. */
export const CONNECTION_WINDOW = 1024 * 1024;

/** The server's preface (RFC 9113 3.4): its settings and its window. */
export function greet(writer: FrameWriter, limits: Limits): void {
  const settings = encodeSettings(limits.streams, limits.headerBytes, STREAM_WINDOW);
  writer.frame(FrameType.settings, 0, 0, settings);
  writer.numbers(FrameType.windowUpdate, 0, CONNECTION_WINDOW - DEFAULT_WINDOW);
  writer.schedule();
}
