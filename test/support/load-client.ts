import { connect as connectH2 } from "node:http2";
import type { ClientHttp2Session } from "node:http2";
import { connect as connectTcp } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** How one request ended. */
export type Ending =
  | { kind: "answered"; closed: boolean }
  /** The connection was closed before any byte of the answer, and had served before: may be sent again. */
  | { kind: "retryable"; reason: string }
  /** No connection was made. */
  | { kind: "unconnected"; reason: string }
  | { kind: "failed"; reason: string };

/** One connection that sends GET requests one after the other. */
export interface Lane {
  request(): Promise<Ending>;
  close(): void;
}

const ANSWER_MS = 8_000;
const HEAD_END = "\r\n\r\n";

/** HTTP/1.1 over a raw socket, so that nothing is repeated behind the test's back. */
export class Http1Lane implements Lane {
  readonly #socket: Socket;
  readonly #host: string;
  readonly #path: string;
  readonly #ready: Promise<void>;
  #served = 0;
  #text = "";
  #pending: ((ending: Ending) => void) | undefined;
  #end = "";
  #connected = false;

  constructor(url: URL) {
    this.#host = url.host;
    this.#path = url.pathname;
    const socket = openSocket(url);
    this.#socket = socket;
    this.#ready = new Promise((resolve) => {
      socket.on(url.protocol === "https:" ? "secureConnect" : "connect", () => {
        this.#connected = true;
        resolve();
      });
      socket.on("close", () => resolve());
    });
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#data(chunk));
    socket.on(
      "error",
      (error: Error & { code?: string }) => (this.#end = error.code ?? error.message),
    );
    socket.on("end", () => (this.#end ||= "FIN"));
    socket.on("close", () => this.#lost());
  }

  async request(): Promise<Ending> {
    await this.#ready;
    if (!this.#connected) return { kind: "unconnected", reason: this.#end };
    // The server closed it while it was idle, before anything was sent.
    if (this.#end !== "") return { kind: "retryable", reason: "closed while idle" };
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => this.#settle({ kind: "failed", reason: "no answer in time" }),
        ANSWER_MS,
      );
      this.#pending = (ending) => {
        clearTimeout(timer);
        resolve(ending);
      };
      this.#socket.write(`GET ${this.#path} HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #data(chunk: Buffer): void {
    this.#text += chunk.toString("latin1");
    const end = this.#text.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.#text.slice(0, end);
    const length = Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) return this.#settle({ kind: "failed", reason: `no length: ${head}` });
    const total = end + HEAD_END.length + length;
    if (this.#text.length < total) return;
    if (this.#text.length > total)
      return this.#settle({ kind: "failed", reason: "bytes after the answer" });
    const status = head.slice(9, 12);
    this.#text = "";
    this.#served++;
    if (status !== "200") return this.#settle({ kind: "failed", reason: `status ${status}` });
    this.#settle({ kind: "answered", closed: /^connection: *close$/im.test(head) });
  }

  #lost(): void {
    if (this.#pending === undefined) return;
    if (this.#text !== "") return this.#settle({ kind: "failed", reason: "cut in the middle" });
    const reason = `closed before the answer (${this.#end})`;
    this.#settle({ kind: this.#served > 0 ? "retryable" : "failed", reason });
  }

  #settle(ending: Ending): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.(ending);
  }
}

function openSocket({ protocol, hostname: host, port: text }: URL): Socket {
  const port = Number(text);
  return protocol === "https:"
    ? connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] })
    : connectTcp({ host, port });
}

const REFUSED_STREAM = 7;

/** One HTTP/2 connection. */
export class Http2Lane implements Lane {
  readonly #session: ClientHttp2Session;
  readonly #path: string;
  readonly #ready: Promise<boolean>;
  #served = 0;
  #end = "";
  /** Streams above it were not processed and may be sent again (RFC 9113 6.8). */
  #lastProcessed = Infinity;

  constructor(url: URL) {
    this.#path = url.pathname;
    this.#session = connectH2(url.origin, { rejectUnauthorized: false });
    this.#ready = new Promise((resolve) => {
      this.#session.on("connect", () => resolve(true));
      this.#session.on("close", () => resolve(false));
      this.#session.on("error", (error: Error & { code?: string }) => {
        this.#end = error.code ?? error.message;
        resolve(false);
      });
    });
    this.#session.on("goaway", (_code: number, last: number) => (this.#lastProcessed = last));
  }

  async request(): Promise<Ending> {
    if (!(await this.#ready)) return { kind: "unconnected", reason: this.#end };
    if (this.#lastProcessed !== Infinity || this.#session.closed || this.#session.destroyed) {
      return { kind: "retryable", reason: "GOAWAY while idle" };
    }
    return new Promise((resolve) => {
      let status = 0;
      let bytes = 0;
      let length = -1;
      let failure = "";
      const stream = this.#session.request({ ":path": this.#path });
      const timer = setTimeout(
        () => resolve({ kind: "failed", reason: "no answer in time" }),
        ANSWER_MS,
      );
      stream.on("response", (headers) => {
        status = headers[":status"] ?? 0;
        length = Number(headers["content-length"] ?? -1);
      });
      stream.on("data", (chunk: Buffer) => (bytes += chunk.length));
      stream.on("error", (error) => (failure = error.message));
      stream.on("close", () => {
        clearTimeout(timer);
        if (status === 200 && bytes === length && failure === "") {
          this.#served++;
          const closed = this.#lastProcessed !== Infinity || this.#session.closed;
          return resolve({ kind: "answered", closed });
        }
        if (status !== 0)
          return resolve({
            kind: "failed",
            reason: `status ${status}, ${bytes} of ${length} bytes ${failure}`,
          });
        const refused = stream.rstCode === REFUSED_STREAM || (stream.id ?? 0) > this.#lastProcessed;
        const reason = `closed before the answer (${failure || this.#end || stream.rstCode})`;
        resolve({ kind: refused || this.#served > 0 ? "retryable" : "failed", reason });
      });
      stream.end();
    });
  }

  close(): void {
    this.#session.close();
  }
}
