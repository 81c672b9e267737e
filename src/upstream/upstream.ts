import type { HeaderList } from "../http/header-list.ts";
import { connectPlain } from "../runtime/bun-connect.ts";
import { connectTls } from "../runtime/tls-connect.ts";
import { Backend } from "./backend.ts";
import type { Transport, UpstreamReply, UpstreamRequest, UpstreamTimeouts } from "./call.ts";
import type { Attempted } from "./delivery.ts";
import { Delivery } from "./delivery.ts";
import { dial } from "./dial.ts";
import type { Endpoint } from "./endpoint.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { UpstreamFault } from "./fault.ts";
import type { PoolLimits } from "./http1/pool.ts";
import { Http1Pool } from "./http1/pool.ts";

export interface BackendOptions {
  /** `10.0.0.1:8080`, `https://host`, `unix:/run/app.sock` … */
  readonly url: string;
  readonly weight?: number;
  readonly backup?: boolean;
}

/** How an upstream is known to a `Backend` over TLS. */
export interface UpstreamTls {
  readonly serverName?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly verify?: boolean;
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

export interface UpstreamOptions {
  readonly name: string;
  readonly backends: readonly (string | BackendOptions)[];
  readonly timeouts?: Partial<UpstreamTimeouts>;
  readonly pool?: Partial<PoolLimits>;
  readonly tls?: UpstreamTls;
}

const defaultTimeouts: UpstreamTimeouts = { connectMs: 5_000, firstByteMs: 60_000, idleMs: 60_000 };

const defaultPool: PoolLimits = {
  connections: 0,
  idleConnections: 256,
  // Below the 5 s of Node and many others.
  idleMs: 4_000,
  ageMs: 0,
  queue: 1_024,
  queueMs: 10_000,
};

/** Servers that do the same, and how they are asked. */
export class Upstream {
  readonly name: string;
  readonly backends: readonly Backend[];
  readonly #timeouts: UpstreamTimeouts;
  #turn = 0;

  /** @throws TypeError on an address that cannot be */
  constructor({ name, backends, timeouts, pool, tls = {} }: UpstreamOptions) {
    this.name = name;
    this.#timeouts = { ...defaultTimeouts, ...timeouts };
    const limits = { ...defaultPool, ...pool };
    this.backends = backends.map((one) => {
      const { url, weight, backup } =
        typeof one === "string" ? ({ url: one } as BackendOptions) : one;
      const endpoint = parseEndpoint(url);
      return new Backend(endpoint, transportTo(endpoint, limits, tls), weight, backup);
    });
  }

  /**
   * Sends a request to one of the backends, and to another one when that may be done.
   * @param convert makes of the answer what the outcome resolves to, as soon as its head is there
   */
  send<T>(
    request: UpstreamRequest,
    convert: (reply: UpstreamReply) => T,
    onInform?: (status: number, headers: HeaderList) => void,
  ): Delivery<T> {
    return new Delivery(request, this.#timeouts, this.#next, convert, onInform).begin();
  }

  /** Closes what is idle now and everything else once it has ended. */
  close(): void {
    for (const { transport } of this.backends) transport.close();
  }

  readonly #next = (
    { attempts, request }: Attempted,
    fault: UpstreamFault | undefined,
  ): Backend | undefined => {
    if (attempts >= Math.max(2, this.backends.length)) return undefined;
    if (fault !== undefined && !mayRetry(request, fault)) return undefined;
    return this.backends[this.#turn++ % this.backends.length];
  };
}

const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"]);

/** RFC 9110 9.2.2: again only what has not been seen, or does no harm twice. */
function mayRetry({ method, body }: UpstreamRequest, { seen, code }: UpstreamFault): boolean {
  if (code === "cancelled" || code === "overloaded") return false;
  if (seen === "nothing") return true;
  return body === null && IDEMPOTENT.has(method) && (seen === "unanswered" || code === "reset");
}

function transportTo(endpoint: Endpoint, limits: PoolLimits, tls: UpstreamTls): Transport {
  return new Http1Pool(
    endpoint,
    (signal) =>
      endpoint.tls
        ? dial(
            endpoint,
            async (address, attempt) =>
              (await connectTls(address, tlsTo(endpoint, tls), attempt)).socket,
            signal,
          )
        : dial(endpoint, connectPlain, signal),
    limits,
  );
}

function tlsTo(
  endpoint: Endpoint,
  { serverName, verify = true, minVersion = "TLSv1.2", ...rest }: UpstreamTls,
) {
  return {
    ...rest,
    serverName: serverName ?? endpoint.host ?? "localhost",
    verify,
    minVersion,
    alpn: ["http/1.1"],
  };
}
