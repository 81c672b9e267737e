import { ConnectionError, ErrorCode, Flag, FrameType, MAX_WINDOW, readUint32 } from "./frames.ts";
import { applySettings } from "./settings.ts";
import type { Endpoint } from "./endpoint.ts";
import type { MessageStream } from "./message-stream.ts";

/** The peer's frames that steer the connection and carry no message: SETTINGS, PING and WINDOW_UPDATE. */
export class ControlFrames<S extends MessageStream> {
  readonly #connection: Endpoint<S>;
  #settled = false;

  constructor(connection: Endpoint<S>) {
    this.#connection = connection;
  }

  /** @returns whether these are settings and no acknowledgement of ours @throws ConnectionError */
  settings(flags: number, payload: Uint8Array): boolean {
    const { peer, streams, writer, queue } = this.#connection;
    const acknowledges = (flags & Flag.ack) !== 0;
    if (acknowledges || this.#settled) this.#connection.nuisance();
    if (acknowledges) return false;
    this.#settled = true;
    const before = peer.initialWindow;
    applySettings(peer, payload);
    const change = peer.initialWindow - before;
    streams.changeWindows(change);
    writer.frame(FrameType.settings, Flag.ack, 0, new Uint8Array(0));
    if (change > 0) queue.resume();
    return true;
  }

  ping(flags: number, payload: Uint8Array): void {
    const connection = this.#connection;
    connection.nuisance();
    if ((flags & Flag.ack) !== 0) connection.pong();
    else if (!connection.ended) connection.writer.frame(FrameType.ping, Flag.ack, 0, payload);
  }

  /** @throws ConnectionError */
  windowUpdate(id: number, payload: Uint8Array): void {
    const connection = this.#connection;
    const { queue, streams } = connection;
    connection.nuisance();
    const more = readUint32(payload, 0) & 0x7fffffff;
    if (id === 0) {
      queue.window += more;
      if (more === 0) throw new ConnectionError(ErrorCode.protocol, "WINDOW_UPDATE of nothing");
      if (queue.window > MAX_WINDOW)
        throw new ConnectionError(ErrorCode.flowControl, "the window is too large");
      queue.resume();
      return;
    }
    streams.checkKnown(id, "WINDOW_UPDATE");
    const stream = streams.get(id);
    if (stream === undefined) return;
    stream.sender.window += more;
    if (more === 0) {
      connection.streamError(stream, ErrorCode.protocol, "WINDOW_UPDATE of nothing");
    } else if (stream.sender.window > MAX_WINDOW) {
      connection.streamError(stream, ErrorCode.flowControl, "the window is too large");
    } else {
      queue.wake(stream.sender);
    }
  }
}
