import { describe, expect, test } from "bun:test";
import { checkFrame } from "./frame-rules.ts";
import { ConnectionError, Flag, FrameType } from "./frames.ts";

function codeOf(type: number, flags: number, id: number, length: number): number | undefined {
  try {
    checkFrame(type, flags, id, length);
    return undefined;
  } catch (error) {
    if (error instanceof ConnectionError) return error.code;
    throw error;
  }
}

const { data, headers, priority, rstStream, settings, pushPromise } = FrameType;
const { ping, goaway, windowUpdate, continuation } = FrameType;

describe("what the head of a frame alone gives away (RFC 9113 6)", () => {
  for (const [name, frame, code] of [
    ["DATA", [data, 0, 1, 0], undefined],
    ["DATA on no stream", [data, 0, 0, 1], 1],
    ["HEADERS", [headers, 0, 1, 0], undefined],
    ["HEADERS on no stream", [headers, 0, 0, 1], 1],
    ["HEADERS on a stream of ours", [headers, 0, 2, 1], 1],
    ["PRIORITY", [priority, 0, 1, 5], undefined],
    ["PRIORITY of six bytes", [priority, 0, 1, 6], 6],
    ["PRIORITY on no stream", [priority, 0, 0, 5], 1],
    ["RST_STREAM", [rstStream, 0, 1, 4], undefined],
    ["RST_STREAM of three bytes", [rstStream, 0, 1, 3], 6],
    ["RST_STREAM on no stream", [rstStream, 0, 0, 4], 1],
    ["SETTINGS", [settings, 0, 0, 6], undefined],
    ["SETTINGS on a stream", [settings, 0, 1, 6], 1],
    ["an acknowledgement", [settings, Flag.ack, 0, 0], undefined],
    ["an acknowledgement with payload", [settings, Flag.ack, 0, 6], 6],
    ["PUSH_PROMISE from a client", [pushPromise, 0, 1, 4], 1],
    ["PING", [ping, 0, 0, 8], undefined],
    ["PING of nine bytes", [ping, 0, 0, 9], 6],
    ["PING on a stream", [ping, 0, 1, 8], 1],
    ["GOAWAY", [goaway, 0, 0, 8], undefined],
    ["GOAWAY with a reason", [goaway, 0, 0, 30], undefined],
    ["GOAWAY of seven bytes", [goaway, 0, 0, 7], 6],
    ["GOAWAY on a stream", [goaway, 0, 1, 8], 1],
    ["WINDOW_UPDATE", [windowUpdate, 0, 0, 4], undefined],
    ["WINDOW_UPDATE of five bytes", [windowUpdate, 0, 1, 5], 6],
    ["CONTINUATION", [continuation, 0, 1, 0], undefined],
    ["CONTINUATION on no stream", [continuation, 0, 0, 0], 1],
    ["a type nobody knows", [0xee, 0xff, 0, 3], undefined],
  ] as [string, [number, number, number, number], number | undefined][]) {
    test(`${name}: ${code === undefined ? "goes" : `error ${code}`}`, () => {
      expect(codeOf(...frame)).toBe(code);
    });
  }
});
