import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { HpackDecoder } from "../../src/wire/hpack/decoder.ts";
import type { Frame } from "./h2-frames.ts";
import {
  DATA,
  END_HEADERS,
  END_STREAM,
  fields,
  frame,
  GOAWAY,
  HEADERS,
  PING,
  RawH2,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from "./h2-frames.ts";

/** A request as it came to a {@link ScriptedH2Origin}. */
export class SeenStream {
  readonly connection: RawH2;
  readonly id: number;
  /** `:method`, `:path` … and the fields, as they were sent. */
  readonly fields: readonly [string, string][];
  body = "";
  /** Fields behind the content. */
  trailers: [string, string][] | undefined;
  ended = false;
  /** The code it was reset with. */
  resetWith: number | undefined;

  constructor(connection: RawH2, id: number, list: readonly [string, string][]) {
    this.connection = connection;
    this.id = id;
    this.fields = list;
  }

  field(name: string): string | undefined {
    return this.fields.find(([one]) => one === name)?.[1];
  }

  head(status: number, more: readonly [string, string][] = [], flags = 0): this {
    const list: [string, string][] = [[":status", String(status)], ...more];
    return this.section(list, flags);
  }

  section(list: readonly [string, string][], flags = 0): this {
    return this.raw(frame(HEADERS, END_HEADERS | flags, this.id, fields(list)));
  }

  data(bytes: string | Uint8Array, flags = 0): this {
    const payload = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
    return this.raw(frame(DATA, flags, this.id, payload));
  }

  end(trailers: readonly [string, string][]): this {
    return this.section(trailers, END_STREAM);
  }

  reset(code: number): this {
    return this.raw(frame(RST_STREAM, 0, this.id, uint32(code)));
  }

  /** @param last the last stream that is still seen to */
  goAway(last: number, code = 0): this {
    return this.raw(frame(GOAWAY, 0, 0, Buffer.concat([uint32(last), uint32(code)])));
  }

  raw(...frames: Uint8Array[]): this {
    this.connection.send(...frames);
    return this;
  }
}

export type Plan = (stream: SeenStream) => void;

/** An HTTP/2 origin in clear text that does what its plan says, frame by frame. */
export interface ScriptedH2Origin extends AsyncDisposable {
  readonly port: number;
  /** `h2://127.0.0.1:port` */
  readonly address: string;
  readonly connections: RawH2[];
  readonly streams: SeenStream[];
  /** Called when the head of a request has come. */
  plan: Plan;
  /** Called when the request has ended. */
  onEnd: Plan;
  /** The payload of its SETTINGS; null sends none. */
  settings: Uint8Array | null;
  /** Lets the peer send again as much as it has sent. */
  opensWindows: boolean;
  close(): Promise<void>;
}

export const hello: Plan = (stream) =>
  void stream.head(200, [["content-length", "5"]]).data("hello", END_STREAM);

export async function startH2Origin(): Promise<ScriptedH2Origin> {
  const origin = {
    connections: [] as RawH2[],
    streams: [] as SeenStream[],
    plan: hello,
    onEnd: (() => {}) as Plan,
    settings: Buffer.alloc(0) as Uint8Array | null,
    opensWindows: true,
  };
  const server = createServer((socket) => {
    const decoder = new HpackDecoder();
    const open = new Map<number, SeenStream>();
    const connection = RawH2.accept(socket, (one) => receive(one, connection, open, decoder));
    origin.connections.push(connection);
    if (origin.settings !== null) connection.send(frame(SETTINGS, 0, 0, origin.settings));
  });

  function receive(
    { type, flags, stream: id, payload }: Frame,
    connection: RawH2,
    open: Map<number, SeenStream>,
    decoder: HpackDecoder,
  ): void {
    if (type === SETTINGS && (flags & 1) === 0) connection.send(frame(SETTINGS, 1, 0));
    if (type === PING && (flags & 1) === 0) connection.send(frame(PING, 1, 0, payload));
    let stream = open.get(id);
    if (type === HEADERS) {
      const list = pairs(decoder.decode(payload, 1 << 20, 1_000).flat);
      if (stream !== undefined) {
        stream.trailers = list;
      } else {
        stream = new SeenStream(connection, id, list);
        open.set(id, stream);
        origin.streams.push(stream);
        origin.plan(stream);
      }
    } else if (type === DATA && stream !== undefined) {
      stream.body += payload.toString("latin1");
      if (origin.opensWindows && payload.length > 0) {
        for (const at of [0, id]) {
          connection.send(frame(WINDOW_UPDATE, 0, at, uint32(payload.length)));
        }
      }
    } else if (type === RST_STREAM && stream !== undefined) {
      stream.resetWith = payload.readUInt32BE(0);
    }
    if ((type !== HEADERS && type !== DATA) || (flags & END_STREAM) === 0) return;
    if (stream === undefined) return;
    stream.ended = true;
    origin.onEnd(stream);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const connection of origin.connections) connection.end();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(origin, {
    port,
    address: `h2://127.0.0.1:${port}`,
    close,
    [Symbol.asyncDispose]: close,
  });
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [
    flat[i * 2] as string,
    flat[i * 2 + 1] as string,
  ]);
}
