import { connect } from "node:net";
import type { Socket } from "node:net";
import { inWords, parseFrames } from "./frames.ts";
import { handshake } from "./harness.ts";

/** A client that says exactly what it is told to, and reads only when it is told to. */
export class RawWebSocket {
  readonly socket: Socket;
  closed = false;
  #received: Buffer[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.#received.push(chunk));
    socket.on("error", () => {});
    socket.on("end", () => (this.closed = true));
    socket.on("close", () => (this.closed = true));
  }

  static async open(port: number, path = "/", more = ""): Promise<RawWebSocket> {
    const socket = connect({ port, host: "127.0.0.1" });
    const client = new RawWebSocket(socket);
    socket.write(handshake(more, path));
    await until(() => client.bytes.includes("\r\n\r\n"));
    return client;
  }

  /** Everything that came, the answer of the handshake too. */
  get bytes(): Buffer {
    const all = Buffer.concat(this.#received);
    this.#received = [all];
    return all;
  }

  /** The frames that have come whole. */
  get words(): string[] {
    const bytes = this.bytes;
    const frames = bytes.subarray(bytes.indexOf("\r\n\r\n") + 4);
    try {
      return inWords(parseFrames(frames));
    } catch {
      return [];
    }
  }

  send(...frames: readonly Uint8Array[]): boolean {
    return this.socket.write(Buffer.concat(frames));
  }
}

/** Waits for something that must become true. */
export async function until(holds: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${holds.toString()}`);
    await Bun.sleep(2);
  }
}
