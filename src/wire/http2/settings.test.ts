import { describe, expect, test } from "bun:test";
import { ConnectionError } from "./frames.ts";
import { applySettings, defaultPeerSettings, serverSettings } from "./settings.ts";

/** A payload of `[id, value]` entries (RFC 9113 6.5.1). */
function payload(...entries: readonly [number, number][]): Uint8Array {
  const bytes = Buffer.alloc(entries.length * 6);
  for (const [index, [id, value]] of entries.entries()) {
    bytes.writeUInt16BE(id, index * 6);
    bytes.writeUInt32BE(value, index * 6 + 2);
  }
  return bytes;
}

function codeOf(bytes: Uint8Array): number | undefined {
  try {
    applySettings(defaultPeerSettings(), bytes);
    return undefined;
  } catch (error) {
    if (error instanceof ConnectionError) return error.code;
    throw error;
  }
}

test("what is said is taken over, the last word counts, the rest stays", () => {
  const settings = defaultPeerSettings();
  applySettings(settings, payload([2, 0], [4, 1], [4, 70_000], [3, 5], [8, 1]));
  expect(settings).toEqual({
    enablePush: false,
    maxConcurrentStreams: 5,
    initialWindow: 70_000,
    maxFrame: 16_384,
    enableConnect: true,
  });
});

test("nothing, and what nobody knows, changes nothing", () => {
  const settings = defaultPeerSettings();
  applySettings(settings, payload());
  applySettings(settings, payload([1, 0], [6, 0], [0x0a0a, 7], [0xffff, 0xffff_ffff]));
  expect(settings).toEqual(defaultPeerSettings());
});

describe("values at their bounds (RFC 9113 6.5.2)", () => {
  for (const [name, bytes, code] of [
    ["ENABLE_PUSH 1", payload([2, 1]), undefined],
    ["ENABLE_PUSH 2", payload([2, 2]), 1],
    ["INITIAL_WINDOW_SIZE 0", payload([4, 0]), undefined],
    ["INITIAL_WINDOW_SIZE 2^31-1", payload([4, 0x7fff_ffff]), undefined],
    ["INITIAL_WINDOW_SIZE 2^31", payload([4, 0x8000_0000]), 3],
    ["MAX_FRAME_SIZE 16,383", payload([5, 16_383]), 1],
    ["MAX_FRAME_SIZE 16,384", payload([5, 16_384]), undefined],
    ["MAX_FRAME_SIZE 2^24-1", payload([5, 0xff_ffff]), undefined],
    ["MAX_FRAME_SIZE 2^24", payload([5, 0x100_0000]), 1],
    ["a bad one behind a good one", payload([4, 1], [2, 7]), 1],
    ["five bytes", new Uint8Array(5), 6],
    ["seven bytes", new Uint8Array(7), 6],
  ] as [string, Uint8Array, number | undefined][]) {
    test(`${name}: ${code === undefined ? "taken" : `error ${code}`}`, () => {
      expect(codeOf(bytes)).toBe(code);
    });
  }
});

test("ours say how many streams, which window, how many header bytes, and that CONNECT is extended", () => {
  const bytes = serverSettings(128, 32_768, 262_144);
  expect(Buffer.from(bytes)).toEqual(
    Buffer.from(payload([3, 128], [4, 262_144], [6, 32_768], [8, 1])),
  );
});
