import { connect } from "node:net";
import type { Socket } from "node:net";

/** A frame as it stands on the wire (RFC 9113 4.1). */
export interface Frame {
  type: number;
  flags: number;
  stream: number;
  payload: Buffer;
}

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const END_STREAM = 1;
export const END_HEADERS = 4;

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.byteLength, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A field section of literals without indexing and without Huffman coding (RFC 7541 6.2.2). */
export function fields(list: readonly [string, string][]): Buffer {
  return Buffer.concat(
    list.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]),
  );
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const rest: number[] = [];
  let left = bytes.length - 127;
  for (; left >= 128; left >>= 7) rest.push((left & 127) | 128);
  return Buffer.concat([Buffer.from([127, ...rest, left]), bytes]);
}

export function request(
  stream: number,
  more: readonly [string, string][] = [],
  flags = END_STREAM | END_HEADERS,
): Buffer {
  return frame(HEADERS, flags, stream, fields([...basics("GET"), ...more]));
}

export function basics(method: string, path = "/"): [string, string][] {
  return [
    [":method", method],
    [":scheme", "http"],
    [":path", path],
    [":authority", "a.example"],
  ];
}

/** One end of a connection that says exactly what it is told to, by prior knowledge on a plain port. */
export class RawH2 {
  readonly frames: Frame[] = [];
  closed = false;
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #wake: (() => void)[] = [];
  /** Bytes in front of the first frame: a client's preface. */
  #skip: number;
  readonly #onFrame: ((frame: Frame) => void) | undefined;

  private constructor(socket: Socket, skip = 0, onFrame?: (frame: Frame) => void) {
    this.#socket = socket;
    this.#skip = skip;
    this.#onFrame = onFrame;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
      this.#notify();
    });
  }

  static async open(port: number, settings: Uint8Array = Buffer.alloc(0)): Promise<RawH2> {
    const socket = connect({ port, host: "127.0.0.1" });
    const client = new RawH2(socket);
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(frame(SETTINGS, 0, 0, settings));
    await client.until((one) => one.type === SETTINGS);
    return client;
  }

  /** The server's end of a connection. @param onFrame told of each frame as it comes */
  static accept(socket: Socket, onFrame: (frame: Frame) => void): RawH2 {
    return new RawH2(socket, 24, onFrame);
  }

  /** Takes no bytes until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** @returns false when the peer does not keep pace, or is gone */
  send(...frames: readonly Uint8Array[]): boolean {
    return !this.closed && this.#socket.write(Buffer.concat(frames));
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.push(resolve);
      this.#socket.once("drain", resolve);
    });
  }

  /** The first frame that matches, also one that came already; undefined when the peer closed instead. */
  async until(match: (frame: Frame) => boolean, timeoutMs = 10_000): Promise<Frame | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const found = this.frames.find(match);
      if (found !== undefined || this.closed) return found;
      if (performance.now() > deadline) throw new Error("no such frame in time");
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        setTimeout(resolve, 100);
      });
    }
  }

  end(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (this.#rest.length < this.#skip) return;
    this.#rest = this.#rest.subarray(this.#skip);
    this.#skip = 0;
    while (this.#rest.length >= 9) {
      const length = this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < 9 + length) break;
      const one = {
        type: this.#rest[3] as number,
        flags: this.#rest[4] as number,
        stream: this.#rest.readUInt32BE(5) & 0x7fffffff,
        payload: this.#rest.subarray(9, 9 + length),
      };
      this.frames.push(one);
      this.#rest = this.#rest.subarray(9 + length);
      this.#onFrame?.(one);
    }
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}
