import { createSocket } from "node:dgram";
import { isIP } from "node:net";
import type { DnsReply } from "./message.ts";
import { decodeReply } from "./message.ts";
import type { Resolver } from "./resolvers.ts";

/**
 * Asks over UDP, from a port of its own (RFC 5452 9.2).
 * @param fits whether a reply is the answer to this question: others are forged or late
 */
export function exchangeUdp(
  query: Uint8Array,
  { host, port }: Resolver,
  fits: (reply: DnsReply) => boolean,
  signal: AbortSignal,
): Promise<DnsReply> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIP(host) === 6 ? "udp6" : "udp4");
    const abort = (): void => {
      socket.close();
      reject(signal.reason as Error);
    };
    const end = (): void => {
      signal.removeEventListener("abort", abort);
      socket.close();
    };
    socket.on("error", (error) => {
      end();
      reject(error);
    });
    socket.on("message", (bytes) => {
      let reply: DnsReply;
      try {
        reply = decodeReply(bytes);
      } catch {
        return;
      }
      if (!fits(reply)) return;
      end();
      resolve(reply);
    });
    signal.throwIfAborted();
    signal.addEventListener("abort", abort, { once: true });
    // Connected, so that only this server is heard, and that a port where nobody listens is an error.
    socket.connect(port, host, () => socket.send(query));
  });
}
