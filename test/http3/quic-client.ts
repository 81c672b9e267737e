import type { KeyObject } from "node:crypto";
import { createPrivateKey } from "node:crypto";
import { SocketAddress } from "node:net";
import { loadQuic } from "../../src/server/engines/http3/quic.ts";
import type { CertificatePair } from "../../src/server/tls/self-signed.ts";

/** A client on the runtime's QUIC, for what `fetch` cannot send or cannot see. */
export interface QuicClient {
  readonly session: ClientSession;
  readonly closed: Promise<string>;
  /** The subject alternative names of the certificate it was served. */
  readonly servedNames: string;
  readonly wentAway: () => boolean;
  open(fields: Fields, options?: RequestOptions): Promise<ClientStream>;
  request(fields: Fields, options?: RequestOptions): Promise<Answer>;
}

export type Fields = Record<string, string | string[]>;

export interface RequestOptions {
  body?: Uint8Array | string;
  trailers?: Fields;
  /** Leaves our side open. */
  open?: boolean;
}

export interface Answer {
  status: number;
  fields: Fields;
  info: Fields[];
  trailers: Fields;
  text: string;
  /** What the stream ended with, if it broke. */
  error: string | undefined;
}

export interface ClientStream extends AsyncIterable<Uint8Array[]> {
  onheaders: (fields: Fields) => void;
  oninfo: (fields: Fields) => void;
  ontrailers: (fields: Fields) => void;
  onwanttrailers: () => void;
  onerror: (error: unknown) => void;
  readonly closed: Promise<void>;
  readonly destroyed: boolean;
  readonly writer: { writeSync(chunk: Uint8Array): boolean; endSync(): number };
  sendHeaders(fields: Fields, options?: { terminal: boolean }): boolean;
  sendTrailers(fields: Fields): boolean;
  resetStream(code: bigint): void;
  stopSending(code: bigint): void;
}

interface ClientSession {
  onerror: (error: unknown) => void;
  ongoaway: () => void;
  readonly opened: Promise<unknown>;
  readonly closed: Promise<void>;
  readonly destroyed: boolean;
  readonly peerCertificate: { subjectAltName: string } | undefined;
  createBidirectionalStream(): Promise<ClientStream>;
  close(options?: { code: number; type: string }): Promise<void>;
  destroy(error?: unknown): void;
}

interface ConnectOptions {
  readonly servername?: string;
  readonly identity?: CertificatePair;
}

type Connect = (address: SocketAddress, options: Record<string, unknown>) => Promise<ClientSession>;

export const GET: Fields = {
  ":method": "GET",
  ":scheme": "https",
  ":authority": "localhost",
  ":path": "/",
};

export function get(path: string, fields: Fields = {}): Fields {
  return { ...GET, ":path": path, ...fields };
}

export function post(path: string, fields: Fields = {}): Fields {
  return { ...GET, ":method": "POST", ":path": path, ...fields };
}

/** @throws when the handshake fails */
export async function connectQuic(port: number, options: ConnectOptions = {}): Promise<QuicClient> {
  const { connect } = (await loadQuic()) as unknown as { connect: Connect };
  const identity: { keys?: KeyObject[]; certs?: Buffer[] } = {};
  if (options.identity !== undefined) {
    identity.keys = [createPrivateKey(options.identity.key)];
    identity.certs = [Buffer.from(options.identity.certificate)];
  }
  const session = await connect(new SocketAddress({ address: "127.0.0.1", port }), {
    alpn: "h3",
    servername: options.servername ?? "localhost",
    verifyPeer: "manual",
    // Each client is a peer of its own.
    reuseEndpoint: false,
    ...identity,
  });
  let away = false;
  session.onerror = () => {};
  session.ongoaway = () => {
    away = true;
  };
  await session.opened;
  const servedNames = session.peerCertificate?.subjectAltName ?? "";
  const closed = session.closed.then(
    () => "",
    (error: unknown) => String(error),
  );
  const open = (fields: Fields, request: RequestOptions = {}): Promise<ClientStream> =>
    openStream(session, fields, request);
  return {
    session,
    closed,
    servedNames,
    wentAway: () => away,
    open,
    request: async (fields, request = {}) => readAnswer(await open(fields, request)),
  };
}

const started = new WeakMap<ClientStream, Answer>();

async function openStream(
  session: ClientSession,
  fields: Fields,
  options: RequestOptions,
): Promise<ClientStream> {
  const stream = await session.createBidirectionalStream();
  const answer: Answer = {
    status: 0,
    fields: {},
    info: [],
    trailers: {},
    text: "",
    error: undefined,
  };
  started.set(stream, answer);
  stream.onerror = () => {};
  stream.oninfo = (info) => void answer.info.push(info);
  stream.ontrailers = (trailers) => {
    answer.trailers = trailers;
  };
  stream.onheaders = (head) => {
    answer.status = Number(head[":status"]);
    answer.fields = head;
  };
  const { body, trailers } = options;
  const terminal = body === undefined && trailers === undefined && options.open !== true;
  if (!stream.sendHeaders(fields, { terminal })) throw new Error("the client refused the fields");
  if (terminal) return stream;
  if (trailers !== undefined) stream.onwanttrailers = () => stream.sendTrailers(trailers);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  if (bytes !== undefined) stream.writer.writeSync(bytes);
  if (options.open !== true) stream.writer.endSync();
  return stream;
}

/** Reads a stream to its end, or to what broke it. */
export async function readAnswer(stream: ClientStream): Promise<Answer> {
  const answer = started.get(stream) as Answer;
  const decoder = new TextDecoder();
  const failed = (error: unknown): void => {
    answer.error ??= String(error);
  };
  try {
    for await (const batch of stream) {
      for (const chunk of batch) answer.text += decoder.decode(chunk, { stream: true });
    }
  } catch (error) {
    failed(error);
  }
  await stream.closed.catch(failed);
  return answer;
}
