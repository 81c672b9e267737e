import type { PlainAddress } from "../runtime/bun-connect.ts";
import type { Endpoint } from "./endpoint.ts";
import type { FaultCode } from "./fault.ts";
import { UpstreamFault } from "./fault.ts";
import { firstToConnect } from "./happy-eyeballs.ts";
import { addressesOf } from "./resolve.ts";

/** Where something is that can be connected to. */
export type Dialled = Pick<Endpoint, "name" | "host" | "port" | "unix">;

/**
 * Connects to an endpoint: to its addresses in turn, IPv6 and IPv4 alternating, the next one beside the last
 * when that is slow (happy eyeballs, RFC 8305). The first that answers is taken, the others are given up.
 *
 * @param connect opens one connection to one address
 * @param signal gives up
 * @param resolve knows the addresses of names
 * @throws (rejects with) an {@link UpstreamFault}
 */
export async function dial<T extends { destroy(): void }>(
  endpoint: Dialled,
  connect: (address: PlainAddress, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  resolve: typeof addressesOf = addressesOf,
): Promise<T> {
  try {
    if (endpoint.unix !== undefined) return await connect({ unix: endpoint.unix }, signal);
    const { host, port } = endpoint;
    const found = resolve(host as string);
    const addresses = found instanceof Promise ? await unlessAborted(found, signal) : found;
    if (addresses.length === 1) {
      return await connect({ host: addresses[0] as string, port }, signal);
    }
    return await firstToConnect(
      addresses,
      (host, stop) => connect({ host, port }, stop),
      signal,
      (late) => late.destroy(),
    );
  } catch (error) {
    throw asFault(error, endpoint);
  }
}

/** A name server may take longer than anybody waits. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function asFault(error: unknown, { name }: Dialled): UpstreamFault {
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
