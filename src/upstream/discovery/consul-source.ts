import type { BackendOptions } from "../backend-options.ts";
import type { ApiTls } from "./api-client.ts";
import { ApiClient } from "./api-client.ts";
import { backendUrl } from "./backend-url.ts";
import type { Discovered, DiscoverySource } from "./discovery-source.ts";
import { JsonValue } from "./json-value.ts";
import { pause } from "./pause.ts";

export interface ConsulOptions {
  readonly service: string;
  /** Agents: `http://127.0.0.1:8500`, which is the default; the next one is asked when one cannot be reached. */
  readonly addresses?: readonly string[];
  /** Only instances that have all of these. */
  readonly tags?: readonly string[];
  readonly datacenter?: string;
  /** An ACL token that may read the service and its nodes. */
  readonly token?: string;
  /** Also uses instances with warnings, by their weight for that. Default false. */
  readonly warning?: boolean;
  /** How the backends are spoken to. Default `http`. */
  readonly scheme?: string;
  readonly tls?: ApiTls;
}

/** How long Consul may wait for a change. It adds up to a sixteenth by chance. */
const WAIT_SECONDS = 300;
const LONGEST_MS = (WAIT_SECONDS + WAIT_SECONDS / 16 + 10) * 1000;
/** Between answers, however often something changes. */
const LEAST_MS = 100;

/**
 * The healthy instances of a service that Consul knows, by blocking queries: a change is seen as it happens.
 *
 * @example
 * const api = new Upstream({ name: "api", backends: [], discovery: fromConsul({ service: "api" }) });
 * api.start();
 */
export function fromConsul(options: ConsulOptions): DiscoverySource {
  const { service, addresses = ["http://127.0.0.1:8500"], token, tls } = options;
  const headers: Record<string, string> = token === undefined ? {} : { "x-consul-token": token };
  const path = targetOf(options);
  return {
    name: `consul ${service}`,
    async *watch(signal) {
      const client = new ApiClient({ name: "Consul", addresses, ...(tls && { tls }) });
      try {
        let index = 0;
        while (!signal.aborted) {
          const blocking = index > 0 ? `&index=${index}&wait=${WAIT_SECONDS}s` : "";
          const request = { target: path + blocking, headers };
          const reply = await client.get(
            blocking === "" ? request : { ...request, withinMs: LONGEST_MS },
            signal,
          );
          const backends = instancesOf(reply.value, options);
          index = nextIndex(index, reply.headers.get("x-consul-index"));
          yield backends;
          await pause(LEAST_MS, signal);
        }
      } finally {
        client.close();
      }
    },
  };
}

/** An index that goes back is one of another server: begin anew. 0 would not block. */
function nextIndex(before: number, text: string | null): number {
  const index = Number(text ?? 0);
  if (!Number.isSafeInteger(index) || index < 1) {
    throw new Error("Consul gives no X-Consul-Index: is it Consul that answers?");
  }
  return index < before ? 0 : index;
}

function targetOf({ service, tags = [], datacenter, warning = false }: ConsulOptions): string {
  const query = new URLSearchParams();
  if (!warning) query.set("passing", "1");
  for (const tag of tags) query.append("tag", tag);
  if (datacenter !== undefined) query.set("dc", datacenter);
  // So that there is always something to append to.
  query.set("stale", "");
  return `/v1/health/service/${encodeURIComponent(service)}?${query}`;
}

function instancesOf(value: unknown, { scheme = "http" }: ConsulOptions): Discovered {
  if (!Array.isArray(value)) throw new Error("Consul answers with no list");
  return new JsonValue(value).list.flatMap((entry): (BackendOptions | Error)[] => {
    const statuses = entry.at("Checks").list.map((check) => check.at("Status").text);
    if (statuses.some((status) => status === "critical" || status === "maintenance")) return [];
    const id = entry.at("Service", "ID").text ?? "an instance";
    // An instance without an address of its own is at its node's.
    const host = entry.at("Service", "Address").text ?? entry.at("Node", "Address").text;
    const port = entry.at("Service", "Port").integer;
    if (host === undefined || port === undefined || port === 0) {
      return [new Error(`${id} has no address with a port in Consul`)];
    }
    const kind = statuses.includes("warning") ? "Warning" : "Passing";
    const weight = entry.at("Service", "Weights", kind).integer ?? 1;
    // A weight of 0 is none at all.
    return weight < 1 ? [] : [{ url: backendUrl(scheme, host, port), weight }];
  });
}
