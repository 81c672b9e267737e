import { connectPlain } from "../../../runtime/bun-connect.ts";
import type { Socket } from "../../../runtime/socket.ts";
import { dial } from "../../../upstream/dial.ts";
import type { Probe } from "../../../upstream/health/health-checker.ts";
import {
  writeBinaryHeader,
  writeTextHeader,
} from "../../../wire/proxy-protocol/write-proxy-header.ts";
import type { Layer4Address } from "../backend-group.ts";

/** Of an answer; what is expected must be there by then. */
const MOST_BYTES = 16_384;
const encoder = new TextEncoder();

/** Connects, and is content when that works and the backend says what is expected, if anything is. */
export function tcpProbe(
  backend: Layer4Address,
  { send = "", expect, proxyProtocol }: { send?: string; expect?: string; proxyProtocol?: 1 | 2 },
): Probe {
  // The connection is our own: there is no client to tell of.
  const header =
    proxyProtocol === undefined
      ? new Uint8Array()
      : proxyProtocol === 1
        ? writeTextHeader(undefined)
        : writeBinaryHeader(undefined);
  const first = new Uint8Array([...header, ...encoder.encode(send)]);
  return async (signal) => {
    const socket = await dial(backend, connectPlain, signal);
    try {
      const heard = expect === undefined ? undefined : hears(socket, expect, signal);
      if (first.length > 0) socket.write(first);
      await heard;
    } finally {
      socket.handler = { data() {}, end() {}, drain() {}, close() {} };
      socket.destroy();
    }
  };
}

function hears(socket: Socket, expected: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const decoder = new TextDecoder();
    let text = "";
    let bytes = 0;
    const fail = (what: string): void => {
      const said = text === "" ? "nothing" : JSON.stringify(text.slice(0, 80));
      reject(new Error(`${what} ${said} and not ${JSON.stringify(expected)}`));
    };
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    socket.handler = {
      data(chunk) {
        text += decoder.decode(chunk, { stream: true });
        bytes += chunk.length;
        if (text.includes(expected)) resolve();
        else if (bytes > MOST_BYTES) fail("it goes on to say");
      },
      end: () => fail("it ended after it had said"),
      drain() {},
      close: () => fail("it closed after it had said"),
    };
  });
}
