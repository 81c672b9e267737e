import { connectPlain } from "../../../runtime/bun-connect.ts";
import type { Resolver } from "./resolvers.ts";

/** Asks over TCP (RFC 7766): a message has its length before it. @throws an Error when the connection breaks */
export async function exchangeTcp(
  query: Uint8Array,
  resolver: Resolver,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const socket = await connectPlain(resolver, signal);
  let received = new Uint8Array(0);
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      const fail = (): void => reject(new Error("the connection ended before the answer"));
      socket.handler = {
        data(chunk) {
          const all = new Uint8Array(received.length + chunk.length);
          all.set(received);
          all.set(chunk, received.length);
          received = all;
          const [high, low] = received;
          if (high === undefined || low === undefined) return;
          const end = 2 + high * 256 + low;
          if (received.length >= end) resolve(received.subarray(2, end));
        },
        end: fail,
        drain() {},
        close: fail,
      };
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      const framed = new Uint8Array(query.length + 2);
      framed[0] = query.length >> 8;
      framed[1] = query.length & 0xff;
      framed.set(query, 2);
      socket.write(framed);
    });
  } finally {
    socket.destroy();
  }
}
