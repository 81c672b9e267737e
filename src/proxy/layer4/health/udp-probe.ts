import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { DnsReply } from "../../../upstream/discovery/dns/message.ts";
import { decodeReply, encodeQuery } from "../../../upstream/discovery/dns/message.ts";
import type { Probe } from "../../../upstream/health/health-checker.ts";
import type { Layer4Address } from "../backend-group.ts";

/** Sends a datagram and waits for one that has what is expected. */
export function udpProbe(
  target: Layer4Address,
  { send, expect = "" }: { send: string; expect?: string },
): Probe {
  const bytes = new TextEncoder().encode(send);
  const decoder = new TextDecoder();
  return (signal) =>
    exchange(target, bytes, (answer) => decoder.decode(answer).includes(expect), signal);
}

/** RFC 1035 4.1.1: no error, and no such name. */
const ANSWERS = [0, 3];

/** Asks for the addresses of a name. That there is no such name is an answer; that it cannot be found out is none. */
export function dnsProbe(target: Layer4Address, name: string): Probe {
  return async (signal) => {
    const id = crypto.getRandomValues(new Uint16Array(1))[0] as number;
    let reply: DnsReply | undefined;
    const isAnswer = (bytes: Uint8Array): boolean => {
      try {
        reply = decodeReply(bytes);
      } catch {
        return false;
      }
      return reply.id === id;
    };
    await exchange(target, encodeQuery(id, name, "A"), isAnswer, signal);
    const { code } = reply as unknown as DnsReply;
    if (!ANSWERS.includes(code)) throw new Error(`it answers with code ${code} to ${name}`);
  };
}

async function exchange(
  { host = "", port }: Layer4Address,
  bytes: Uint8Array,
  isAnswer: (answer: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const address = isIP(host) === 0 ? (await lookup(host)).address : host;
  signal.throwIfAborted();
  const socket = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      socket.on("error", reject);
      socket.on("message", (answer) => {
        if (isAnswer(answer)) resolve();
      });
      // Connected, so that a port where nobody listens is an error.
      socket.connect(port, address, () => socket.send(bytes));
    });
  } finally {
    socket.close();
  }
}
