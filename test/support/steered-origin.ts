import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";

/** What an origin does with a request, step by step. */
export type Step =
  /** Sends text (Latin-1) as it is. */
  | { send: string }
  /** Sends so many bytes of `x`, waiting for the peer. */
  | { fill: number }
  | { wait: number }
  /** Waits until the content of the request has arrived. */
  | { read: true }
  /** Sends back what `read` read. */
  | { echo: true }
  | { end: true }
  | { reset: true };

/** A request as it arrived. */
export interface SeenRequest {
  /** Its head, as it was sent. */
  readonly head: string;
  body: string;
  /** Which connection it came on, counting from 1. */
  readonly connection: number;
  /** Its connection is gone. */
  closed: boolean;
}

/**
 * An HTTP/1.1 origin that does what the request's `x-steer` field says (JSON of steps), down to the byte; without
 * it, what `plan` says.
 */
export interface SteeredOrigin extends AsyncDisposable {
  readonly port: number;
  /** `127.0.0.1:port`, as a backend is named. */
  readonly address: string;
  readonly requests: SeenRequest[];
  readonly connections: number;
  plan: Step[];
  /** What is done with the next requests, before `plan` counts again. */
  readonly next: Step[][];
  close(): Promise<void>;
}

const hello: Step[] = [{ send: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" }];

export async function startSteeredOrigin(): Promise<SteeredOrigin> {
  const sockets = new Set<Socket>();
  const requests: SeenRequest[] = [];
  const origin = { connections: 0, plan: hello, next: [] as Step[][] };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const connection = ++origin.connections;
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      for (const one of requests) if (one.connection === connection) one.closed = true;
    });
    void serveConnection(socket, connection).catch(() => socket.destroy());
  });

  async function serveConnection(socket: Socket, connection: number): Promise<void> {
    const input = new Input(socket);
    for (;;) {
      const head = await input.until("\r\n\r\n");
      if (head === undefined) break;
      const seen: SeenRequest = { head, body: "", connection, closed: false };
      requests.push(seen);
      const steer = /^x-steer: (.*)$/im.exec(head)?.[1];
      const steps: Step[] =
        steer === undefined ? (origin.next.shift() ?? origin.plan) : JSON.parse(steer);
      for (const step of steps) await take(step, socket, input, seen);
      if (!steps.some((step) => "read" in step)) await input.content(head, seen);
    }
    socket.end();
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(origin, {
    port,
    address: `127.0.0.1:${port}`,
    requests,
    close,
    [Symbol.asyncDispose]: close,
  });
}

async function take(step: Step, socket: Socket, input: Input, seen: SeenRequest): Promise<void> {
  if ("send" in step) socket.write(step.send, "latin1");
  else if ("fill" in step) await fill(socket, step.fill);
  else if ("wait" in step) await Bun.sleep(step.wait);
  else if ("read" in step) await input.content(seen.head, seen);
  else if ("echo" in step) socket.write(seen.body, "latin1");
  else if ("end" in step) socket.end();
  else socket.resetAndDestroy();
}

async function fill(socket: Socket, size: number): Promise<void> {
  const piece = Buffer.alloc(64 * 1024, "x");
  for (let left = size; left > 0 && !socket.destroyed; left -= piece.length) {
    const more = socket.write(piece.subarray(0, Math.min(left, piece.length)));
    if (more) continue;
    await new Promise<void>((resolve) => {
      socket.once("drain", resolve);
      socket.once("close", resolve);
    });
  }
}

/** What has arrived and was not taken yet. */
class Input {
  #text = "";
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    socket.on("data", (chunk) => {
      this.#text += chunk.toString("latin1");
      this.#wake?.();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    socket.on("end", end);
    socket.on("close", end);
  }

  /** Up to and with `mark`; undefined when it ends before. */
  async until(mark: string): Promise<string | undefined> {
    for (;;) {
      const at = this.#text.indexOf(mark);
      if (at >= 0) return this.#take(at + mark.length);
      if (this.#ended) return undefined;
      await this.#more();
    }
  }

  /** The content of a request, framing removed, into `seen.body`; as much of it as comes. */
  async content(head: string, seen: SeenRequest): Promise<void> {
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    if (!/^transfer-encoding:/im.test(head)) {
      seen.body += await this.#exactly(length);
      return;
    }
    for (;;) {
      const line = await this.until("\r\n");
      if (line === undefined) return;
      const size = Number.parseInt(line, 16);
      if (size === 0) break;
      seen.body += (await this.#exactly(size + 2)).slice(0, size);
    }
    for (let line = await this.until("\r\n"); line !== undefined && line !== "\r\n";) {
      seen.body += `[${line.trim()}]`;
      line = await this.until("\r\n");
    }
  }

  async #exactly(size: number): Promise<string> {
    while (this.#text.length < size && !this.#ended) await this.#more();
    return this.#take(size);
  }

  #take(size: number): string {
    const taken = this.#text.slice(0, size);
    this.#text = this.#text.slice(size);
    return taken;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
