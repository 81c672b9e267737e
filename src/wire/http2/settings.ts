import {
  ConnectionError,
  DEFAULT_WINDOW,
  ErrorCode,
  MAX_FRAME_BYTES,
  MAX_WINDOW,
  readUint32,
  writeUint32,
} from "./frames.ts";

const ENABLE_PUSH = 2;
const MAX_CONCURRENT_STREAMS = 3;
const INITIAL_WINDOW_SIZE = 4;
const MAX_FRAME_SIZE = 5;
const MAX_HEADER_LIST_SIZE = 6;
const ENABLE_CONNECT_PROTOCOL = 8;

/** What the peer has told of itself (RFC 9113 6.5.2), its defaults until then. */
export interface PeerSettings {
  enablePush: boolean;
  maxConcurrentStreams: number;
  initialWindow: number;
  maxFrame: number;
  /** It takes extended CONNECT (RFC 8441 3). */
  enableConnect: boolean;
}

export function defaultPeerSettings(): PeerSettings {
  return {
    enablePush: true,
    maxConcurrentStreams: Number.MAX_SAFE_INTEGER,
    initialWindow: DEFAULT_WINDOW,
    maxFrame: MAX_FRAME_BYTES,
    enableConnect: false,
  };
}

/** Takes over what a SETTINGS payload says. @throws ConnectionError on a value that may not be */
export function applySettings(settings: PeerSettings, payload: Uint8Array): void {
  if (payload.byteLength % 6 !== 0) {
    throw new ConnectionError(ErrorCode.frameSize, "SETTINGS is not a list of six-byte entries");
  }
  for (let at = 0; at < payload.byteLength; at += 6) {
    const id = ((payload[at] as number) << 8) | (payload[at + 1] as number);
    const value = readUint32(payload, at + 2);
    switch (id) {
      case ENABLE_PUSH:
        if (value > 1) throw new ConnectionError(ErrorCode.protocol, "ENABLE_PUSH is not 0 or 1");
        settings.enablePush = value === 1;
        break;
      case MAX_CONCURRENT_STREAMS:
        settings.maxConcurrentStreams = value;
        break;
      case INITIAL_WINDOW_SIZE:
        if (value > MAX_WINDOW) {
          throw new ConnectionError(ErrorCode.flowControl, "INITIAL_WINDOW_SIZE is too large");
        }
        settings.initialWindow = value;
        break;
      case MAX_FRAME_SIZE:
        if (value < MAX_FRAME_BYTES || value > 0xffffff) {
          throw new ConnectionError(ErrorCode.protocol, "MAX_FRAME_SIZE is out of range");
        }
        settings.maxFrame = value;
        break;
      case ENABLE_CONNECT_PROTOCOL:
        if (value > 1)
          throw new ConnectionError(ErrorCode.protocol, "ENABLE_CONNECT_PROTOCOL is not 0 or 1");
        settings.enableConnect = value === 1;
        break;
    }
  }
}

/** Our own SETTINGS as a server. */
export function serverSettings(streams: number, headerBytes: number, window: number): Uint8Array {
  return encodeSettings([
    [MAX_CONCURRENT_STREAMS, streams],
    [INITIAL_WINDOW_SIZE, window],
    [MAX_HEADER_LIST_SIZE, headerBytes],
    [ENABLE_CONNECT_PROTOCOL, 1],
  ]);
}

/** Our own SETTINGS as a client. */
export function clientSettings(headerBytes: number, window: number): Uint8Array {
  return encodeSettings([
    [ENABLE_PUSH, 0],
    [INITIAL_WINDOW_SIZE, window],
    [MAX_HEADER_LIST_SIZE, headerBytes],
  ]);
}

function encodeSettings(entries: readonly (readonly [number, number])[]): Uint8Array {
  const payload = new Uint8Array(entries.length * 6);
  for (const [index, [id, value]] of entries.entries()) {
    payload[index * 6 + 1] = id;
    writeUint32(payload, index * 6 + 2, value);
  }
  return payload;
}
