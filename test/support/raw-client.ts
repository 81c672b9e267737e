import { connect } from "node:net";
import type { Socket } from "node:net";

/** A response as raw bytes gave it; a parser of its own, so that it cannot share a mistake with the server. */
export interface RawResponse {
  status: number;
  head: string;
  headers: Map<string, string[]>;
  body: string;
  trailers: string;
}

/** Splits what a connection received into responses. `methods` tells which answers have no body (HEAD). */
export function parseResponses(text: string, methods: readonly string[] = []): RawResponse[] {
  const responses: RawResponse[] = [];
  let rest = text;
  let final = 0;
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) throw new Error(`incomplete response head: ${JSON.stringify(rest.slice(0, 200))}`);
    const head = rest.slice(0, end);
    rest = rest.slice(end + 4);
    const lines = head.split("\r\n");
    const match = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(lines[0] ?? "");
    if (match === null) throw new Error(`not a status line: ${JSON.stringify(lines[0])}`);
    const headers = new Map<string, string[]>();
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(":");
      const name = line.slice(0, colon).toLowerCase();
      headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
    }
    const response = { status: Number(match[1]), head, headers, body: "", trailers: "" };
    responses.push(response);
    if (response.status < 200) continue;
    const method = methods[final++];
    if (method === "HEAD" || response.status === 204 || response.status === 304) continue;
    if (headers.get("transfer-encoding")?.[0] === "chunked") rest = readChunked(response, rest);
    else if (headers.has("content-length")) {
      const length = Number(headers.get("content-length")?.[0]);
      if (rest.length < length) throw new Error(`body cut at ${rest.length} of ${length}`);
      response.body = rest.slice(0, length);
      rest = rest.slice(length);
    } else {
      response.body = rest;
      rest = "";
    }
  }
  return responses;
}

function readChunked(response: RawResponse, text: string): string {
  let rest = text;
  for (;;) {
    const match = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (match === null) throw new Error(`bad chunk: ${JSON.stringify(rest.slice(0, 40))}`);
    const size = Number.parseInt(match[1] as string, 16);
    rest = rest.slice(match[0].length);
    if (size === 0) {
      const end = rest.startsWith("\r\n") ? 0 : rest.indexOf("\r\n\r\n") + 2;
      response.trailers = rest.slice(0, end);
      return rest.slice(end + 2);
    }
    response.body += rest.slice(0, size);
    if (rest.slice(size, size + 2) !== "\r\n") throw new Error("chunk without CRLF");
    rest = rest.slice(size + 2);
  }
}

const isAny = (text: string): boolean => text !== "";

/** How bytes are cut for sending. */
export type Split = "whole" | "bytes" | readonly number[];

/** How long what is expected may take on a busy machine. */
const PATIENCE_MS = 8_000;

/**
 * Sends bytes on a connection of its own and gathers what comes back (Latin-1) until the server closes or
 * `quietMs` pass without a byte after everything was sent.
 * @param options.expected whether all that is waited for has come, if left out anything: until then it is waited longer
 */
export function exchangeRaw(
  port: number,
  bytes: string | Uint8Array,
  options: {
    split?: Split;
    quietMs?: number;
    halfClose?: boolean;
    until?: (text: string) => boolean;
    expected?: (text: string) => boolean;
  } = {},
): Promise<{ text: string; closed: boolean }> {
  const data = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : Buffer.from(bytes);
  const { split = "whole", quietMs = 150, halfClose = false, until, expected = isAny } = options;
  return new Promise((resolve) => {
    let text = "";
    let timer: ReturnType<typeof setTimeout>;
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.setNoDelay(true);
    const finish = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, closed });
    };
    const arm = (): void => {
      clearTimeout(timer);
      const isEarly = !expected(text);
      timer = setTimeout(() => finish(false), isEarly ? PATIENCE_MS : quietMs);
    };
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (until?.(text)) finish(false);
      else arm();
    });
    socket.on("end", () => finish(true));
    socket.on("error", () => finish(true));
    socket.on("connect", async () => {
      await sendSplit(socket, data, split);
      if (halfClose) socket.end();
      arm();
    });
  });
}

async function sendSplit(socket: Socket, data: Buffer, split: Split): Promise<void> {
  if (split === "whole") {
    socket.write(data);
    return;
  }
  const cuts = split === "bytes" ? data.map((_, index) => index) : split;
  let from = 0;
  for (const cut of [...cuts, data.length]) {
    if (cut <= from) continue;
    if (socket.destroyed) return;
    socket.write(data.subarray(from, cut));
    from = cut;
    await new Promise(setImmediate);
  }
}
