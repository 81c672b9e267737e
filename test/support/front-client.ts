import type { Socket } from "node:net";
import { connect } from "node:net";
import { HpackDecoder } from "../../src/wire/hpack/decoder.ts";
import type { Frame } from "./h2-frames.ts";
import {
  basics,
  DATA,
  END_HEADERS,
  END_STREAM,
  fields,
  frame,
  HEADERS,
  RawH2,
  RST_STREAM,
} from "./h2-frames.ts";

/** A request of a {@link FrontClient}. */
export interface FrontRequest {
  readonly method?: string;
  readonly path?: string;
  /** `name: value` */
  readonly fields?: readonly string[];
  readonly content?: string;
  /** So much of the content is sent, and the rest never. */
  readonly sends?: number;
}

/** One connection of a client, with one request at a time. */
export interface FrontClient {
  readonly closed: boolean;
  /**
   * Asks, and says in short what came of it: statuses of informational replies, the status, the content or the
   * code of a problem, trailers in brackets; `cut` before content that did not come to its end.
   */
  ask(request?: FrontRequest): Promise<string>;
  end(): void;
}

const PATIENCE_MS = 8_000;

function problemOr(body: string): string {
  const code = /"code":"(\w+)"/.exec(body)?.[1];
  return code ?? (body.length > 80 ? `<${body.length} bytes>` : body);
}

/** HTTP/1.1, with a parser of its own. */
export class Http1Front implements FrontClient {
  closed = false;
  #text = "";
  #wake = (): void => {};
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#text += chunk.toString("latin1");
      this.#wake();
    });
    socket.on("error", () => {});
    const end = (): void => {
      this.closed = true;
      this.#wake();
    };
    socket.on("end", end);
    socket.on("close", end);
  }

  static open(port: number): Promise<Http1Front> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => resolve(new Http1Front(socket)));
      socket.once("error", reject);
    });
  }

  async ask(request: FrontRequest = {}): Promise<string> {
    const { method = "GET", path = "/", content } = request;
    const lines = [`${method} ${path} HTTP/1.1`, "Host: a.example", ...(request.fields ?? [])];
    if (content !== undefined) lines.push(`Content-Length: ${content.length}`);
    const sent = (content ?? "").slice(0, request.sends);
    this.#socket.write(`${lines.join("\r\n")}\r\n\r\n${sent}`, "latin1");
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = this.#read(method);
      if (answer !== undefined) return answer;
      if (performance.now() > deadline) return `nothing more than ${JSON.stringify(this.#text)}`;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  end(): void {
    this.#socket.destroy();
  }

  /** The answer as a whole, once it is there. */
  #read(method: string): string | undefined {
    let informed = "";
    let rest = this.#text;
    for (;;) {
      const end = rest.indexOf("\r\n\r\n");
      if (end < 0) return this.closed ? `${informed}nothing${rest && ` but ${rest}`}` : undefined;
      const head = rest.slice(0, end);
      rest = rest.slice(end + 4);
      const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? `bad ${head}`;
      if (status.startsWith("1")) {
        informed += `${status} `;
        continue;
      }
      const chunked = /^transfer-encoding: chunked$/im.test(head);
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? Number.NaN);
      const bodyless = method === "HEAD" || status === "204" || status === "304";
      const taken = bodyless ? ["", rest] : chunked ? unchunk(rest) : exactly(rest, length);
      const [body, after, trailers = ""] = taken;
      if (after === undefined) {
        if (!this.closed) return undefined;
        if (!chunked && Number.isNaN(length)) return `${informed}${status} until close ${body}`;
        return `${informed}${status} cut ${problemOr(body as string)}`.trim();
      }
      this.#text = after;
      return `${informed}${status} ${problemOr(body as string)}${trailers}`.trim();
    }
  }
}

function exactly(text: string, length: number): (string | undefined)[] {
  return text.length < length || Number.isNaN(length)
    ? [text, undefined]
    : [text.slice(0, length), text.slice(length)];
}

/** Content, what follows it, trailers. */
function unchunk(text: string): (string | undefined)[] {
  let body = "";
  let rest = text;
  for (;;) {
    const size = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (size === null) return [body, undefined];
    const length = Number.parseInt(size[1] as string, 16);
    rest = rest.slice(size[0].length);
    if (length === 0) {
      const end = rest.startsWith("\r\n") ? 0 : rest.indexOf("\r\n\r\n") + 2;
      if (end === 1 || rest === "") return [body, undefined];
      const trailers = rest.slice(0, end).trim();
      return [body, rest.slice(end + 2), trailers && ` [${trailers}]`];
    }
    body += rest.slice(0, length);
    if (rest.length < length + 2) return [body, undefined];
    rest = rest.slice(length + 2);
  }
}

/** HTTP/2 by prior knowledge, one frame at a time. */
export class Http2Front implements FrontClient {
  readonly #connection: RawH2;
  readonly #decoder = new HpackDecoder();
  #stream = -1;
  /** How many frames were looked at. */
  #seen = 0;

  private constructor(connection: RawH2) {
    this.#connection = connection;
  }

  static async open(port: number): Promise<Http2Front> {
    return new Http2Front(await RawH2.open(port));
  }

  get closed(): boolean {
    return this.#connection.closed;
  }

  async ask(request: FrontRequest = {}): Promise<string> {
    const { method = "GET", path = "/", content } = request;
    const id = (this.#stream += 2);
    const list = [
      ...basics(method, path),
      ...(request.fields ?? []).map((line): [string, string] => {
        const [name = "", value = ""] = line.split(": ");
        return [name.toLowerCase(), value];
      }),
    ];
    if (content !== undefined) list.push(["content-length", String(content.length)]);
    const isWhole = content === undefined || request.sends === undefined;
    const ends = content === undefined ? END_STREAM : 0;
    const frames = [frame(HEADERS, END_HEADERS | ends, id, fields(list))];
    const sent = (content ?? "").slice(0, request.sends);
    if (content !== undefined) {
      frames.push(frame(DATA, isWhole ? END_STREAM : 0, id, Buffer.from(sent, "latin1")));
    }
    this.#connection.send(...frames);
    return (await this.#answer(id)).trim();
  }

  end(): void {
    this.#connection.end();
  }

  async #answer(id: number): Promise<string> {
    let head = "";
    let body = "";
    let hasFinal = false;
    for (;;) {
      const next = await this.#next();
      if (next === undefined) return `${head}${hasFinal ? "cut " : "nothing "}${problemOr(body)}`;
      const { type, flags, stream, payload } = next;
      let trailers = "";
      if (type === HEADERS) {
        const { flat } = this.#decoder.decode(payload, 1 << 20, 10_000);
        if (stream !== id) continue;
        if (flat[0] === ":status") {
          head += `${flat[1]} `;
          hasFinal = !(flat[1] as string).startsWith("1");
        } else {
          trailers = ` [${flat[0]}: ${flat[1]}]`;
        }
      }
      if (stream !== id) continue;
      if (type === DATA) body += payload.toString("latin1");
      if (type === RST_STREAM) {
        return `${head}${hasFinal ? "cut " : "nothing "}${problemOr(body)}`;
      }
      const isEnd = (type === HEADERS || type === DATA) && (flags & END_STREAM) !== 0;
      if (isEnd) return `${head}${problemOr(body)}${trailers}`;
    }
  }

  async #next(): Promise<Frame | undefined> {
    const { frames } = this.#connection;
    const found = await this.#connection.until(
      (one) => frames.indexOf(one) >= this.#seen,
      PATIENCE_MS,
    );
    if (found === undefined) return undefined;
    this.#seen = frames.indexOf(found) + 1;
    return found;
  }
}
