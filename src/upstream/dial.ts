import { isIP } from "node:net";
import type { PlainAddress } from "../runtime/bun-connect.ts";
import type { Endpoint } from "./endpoint.ts";
import type { FaultCode } from "./fault.ts";
import { UpstreamFault } from "./fault.ts";
import { addressesOf } from "./resolve.ts";

/** RFC 8305 8: how long an address has before the next one is tried beside it. */
const ATTEMPT_DELAY_MS = 250;

/**
 * Connects to an endpoint: to its addresses in turn, IPv6 and IPv4 alternating, the next one beside the last
 * when that is slow (happy eyeballs, RFC 8305). The first that answers is taken, the others are given up.
 *
 * @param connect opens one connection to one address
 * @throws (rejects with) an {@link UpstreamFault}
 */
export async function dial<T>(
  endpoint: Endpoint,
  connect: (address: PlainAddress, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    if (endpoint.unix !== undefined) return await connect({ unix: endpoint.unix }, signal);
    const host = endpoint.host as string;
    const addresses = await addressesOf(host);
    if (addresses.length === 1) {
      return await connect({ host: addresses[0] as string, port: endpoint.port }, signal);
    }
    return await race(interleaved(addresses), endpoint.port, connect, signal);
  } catch (error) {
    throw asFault(error, endpoint);
  }
}

/** RFC 8305 4: the families in turn, the first one first. */
function interleaved(addresses: readonly string[]): string[] {
  const first = isIP(addresses[0] ?? "");
  const one = addresses.filter((address) => isIP(address) === first);
  const other = addresses.filter((address) => isIP(address) !== first);
  const order: string[] = [];
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    if (i < one.length) order.push(one[i] as string);
    if (i < other.length) order.push(other[i] as string);
  }
  return order;
}

function race<T>(
  addresses: readonly string[],
  port: number,
  connect: (address: PlainAddress, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const attempts: AbortController[] = [];
    let left = addresses.length;
    let next = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = (winner?: AbortController): void => {
      clearTimeout(timer);
      next = addresses.length;
      for (const attempt of attempts)
        if (attempt !== winner) attempt.abort(new Error("another address answered"));
    };
    const begin = (): void => {
      clearTimeout(timer);
      const host = addresses[next++];
      if (host === undefined) return;
      const attempt = new AbortController();
      attempts.push(attempt);
      timer = setTimeout(begin, ATTEMPT_DELAY_MS);
      connect({ host, port }, attempt.signal).then(
        (connected) => {
          stop(attempt);
          resolve(connected);
        },
        (error: unknown) => {
          if (--left === 0) {
            stop();
            reject(error as Error);
          } else {
            begin();
          }
        },
      );
    };
    signal.addEventListener(
      "abort",
      () => {
        stop();
        reject(signal.reason as Error);
      },
      { once: true },
    );
    begin();
  });
}

function asFault(error: unknown, { name }: Endpoint): UpstreamFault {
  if (error instanceof UpstreamFault) return error;
  const { code = "", message } = error as Error & { code?: string };
  const kind = faultCode(code);
  return new UpstreamFault(kind, `${describe(kind, name)}: ${message}`, "nothing", {
    cause: error,
  });
}

function faultCode(code: string): FaultCode {
  if (code === "ECONNREFUSED") return "connect_refused";
  if (code === "ETIMEDOUT") return "connect_timeout";
  if (code.startsWith("EAI_") || code === "ENOTFOUND" || code.startsWith("DNS_"))
    return "dns_failed";
  if (/CERT|SSL|TLS|UNABLE_TO|SELF_SIGNED|HOSTNAME/.test(code)) return "tls_failed";
  return "connect_failed";
}

function describe(code: FaultCode, name: string): string {
  if (code === "dns_failed") return `the address of ${name} cannot be found`;
  if (code === "tls_failed") return `no TLS with ${name}`;
  return `cannot connect to ${name}`;
}
