import type { ConnectionOptions, TLSSocket } from "node:tls";
import { connect } from "node:tls";
import type { TlsInfo } from "../../src/core/exchange.ts";
import type { TlsListener, TlsRefusalCode } from "../../src/runtime/tls-listener.ts";
import { listenTls } from "../../src/runtime/tls-listener.ts";
import type { TlsSocket } from "../../src/runtime/tls-socket.ts";
import type { TlsSettings } from "../../src/server/settings.ts";
import { defaultTls } from "../../src/server/settings.ts";
import { CertificateStore } from "../../src/server/tls/certificate-store.ts";

export interface TlsFixture extends AsyncDisposable {
  readonly port: number;
  readonly store: CertificateStore;
  readonly listener: TlsListener;
  readonly refusals: TlsRefusalCode[];
  /** Connections that were admitted and are not gone. */
  open(): number;
  settings(changes: Partial<TlsSettings>): TlsSettings;
}

type Accept = (socket: TlsSocket, tls: TlsInfo) => void;

/** Answers each chunk with itself and what the handshake settled, as one line of JSON. */
const tellFacts: Accept = (socket, tls) => {
  socket.handler = {
    data(chunk) {
      const certificate = tls.clientCertificate;
      const facts = { ...tls, served: undefined, clientCertificate: certificate ?? null };
      socket.write(`${JSON.stringify({ got: chunk.length, ...facts })}\n`);
    },
    end: () => socket.endWrite(),
    drain() {},
    close() {},
  };
};

export async function startTls(
  settings: Partial<TlsSettings> & Pick<TlsSettings, "certificates">,
  options: { accept?: Accept; handshakeTimeoutMs?: number; alpn?: string[]; most?: number } = {},
): Promise<TlsFixture> {
  const complete = { ...defaultTls, ...settings };
  const store = new CertificateStore(complete);
  const refusals: TlsRefusalCode[] = [];
  let open = 0;
  const listener = await listenTls(
    {
      host: "127.0.0.1",
      port: 0,
      contexts: store,
      alpn: options.alpn ?? ["h2", "http/1.1"],
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
    },
    {
      admit() {
        if (open >= (options.most ?? Infinity)) return false;
        open++;
        return true;
      },
      left() {
        open--;
      },
      http1: (socket, facts) => (options.accept ?? tellFacts)(socket, store.describe(facts)),
      http2: (socket) => {
        socket.write("h2 was negotiated\n");
        socket.endWrite();
      },
      refused: (code) => refusals.push(code),
    },
  );
  return {
    port: listener.port,
    store,
    listener,
    refusals,
    open: () => open,
    settings: (changes) => ({ ...complete, ...changes }),
    async [Symbol.asyncDispose]() {
      listener.stop();
    },
  };
}

export interface Answer {
  text: string;
  facts: (TlsInfo & { got: number }) | undefined;
  /** The common name of the certificate we were shown. */
  shown: string | undefined;
  resumed: boolean;
  session: Buffer | undefined;
  error: string | undefined;
}

/** Connects without checking the server's certificate. The caller listens for errors. */
export function connectTls(port: number, options: ConnectionOptions = {}): TLSSocket {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  socket.on("error", () => {});
  return socket;
}

/** Connects, sends four bytes and FIN, and tells what came back. */
export function ask(port: number, options: ConnectionOptions = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const answer: Answer = {
      text: "",
      facts: undefined,
      shown: undefined,
      resumed: false,
      session: undefined,
      error: undefined,
    };
    const socket = connectTls(port, options);
    socket.on("secureConnect", () => {
      answer.shown = socket.getPeerCertificate()?.subject?.CN as string | undefined;
      answer.resumed = socket.isSessionReused();
      socket.write("ping");
    });
    socket.on("session", (session: Buffer) => {
      answer.session = session;
    });
    socket.on("data", (chunk) => {
      answer.text += chunk.toString("latin1");
      socket.end();
    });
    socket.on("error", (error: Error & { code?: string }) => {
      answer.error = error.code ?? error.message;
    });
    socket.on("close", () => {
      if (answer.text.startsWith("{")) answer.facts = JSON.parse(answer.text);
      resolve(answer);
    });
  });
}

/** Waits for `condition`, checked often. @throws after about 5 seconds */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (condition()) return;
    await Bun.sleep(10);
  }
  throw new Error("waited in vain");
}
