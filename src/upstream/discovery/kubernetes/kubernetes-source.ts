import { ApiClient, ApiStatusError } from "../api-client.ts";
import type { Discovered, DiscoverySource } from "../discovery-source.ts";
import { JsonValue } from "../json-value.ts";
import { pause } from "../pause.ts";
import type { Cluster, ClusterOptions } from "./cluster.ts";
import { clusterOf, ownNamespace } from "./cluster.ts";
import type { PortChoice } from "./slice-backends.ts";
import { sliceBackends } from "./slice-backends.ts";

export interface KubernetesOptions extends ClusterOptions {
  /** The name of the Service. */
  readonly service: string;
  /** Default: that of the pod this runs in, else `default`. */
  readonly namespace?: string;
  /** The port of the Service's pods, by its name or number. Default: the only one there is. */
  readonly port?: string | number;
  /** How the backends are spoken to. Default `http`. */
  readonly scheme?: string;
}

const PAGE = 500;
/** More slices than there can be backends. */
const MOST_PAGES = 100;
/** How long the server may keep a watch; it ends in good order then. */
const WATCH_SECONDS = 290;
const WATCH_MS = (WATCH_SECONDS + 15) * 1000;
/** Between two watches, however soon the first one ends. */
const LEAST_MS = 100;
/** The version that was begun from is known no more. */
const GONE = 410;

/**
 * The endpoints of a Kubernetes Service, from its EndpointSlices: listed, then watched. In a pod nothing needs to be
 * said but the service; its account must be allowed to `list` and `watch` `endpointslices` of `discovery.k8s.io`.
 *
 * @param env where a pod is told of its API server
 * @example
 * const api = new Upstream({
 *   name: "api",
 *   backends: [],
 *   discovery: fromKubernetes({ service: "api", port: "http" }),
 * });
 * api.start();
 */
export function fromKubernetes(
  options: KubernetesOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): DiscoverySource {
  const { service, namespace = ownNamespace(), port, scheme = "http" } = options;
  const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`;
  const selector = encodeURIComponent(`kubernetes.io/service-name=${service}`);
  return {
    name: `kubernetes ${namespace}/${service}`,
    async *watch(signal) {
      const cluster = clusterOf(options, env);
      const { address, tls } = cluster;
      const client = new ApiClient({ name: "Kubernetes", addresses: [address], tls });
      const slices = new Slices(client, cluster, `${path}?labelSelector=${selector}`, namespace);
      try {
        while (!signal.aborted) {
          await slices.list(signal);
          yield slices.backends(port, scheme);
          // Watches end every few minutes, and go on from where they were as long as that is known.
          while (!signal.aborted) {
            for await (const changed of slices.watch(signal)) {
              if (changed) yield slices.backends(port, scheme);
            }
            if (slices.version === undefined) break;
            await pause(LEAST_MS, signal);
          }
          await pause(LEAST_MS, signal);
        }
      } finally {
        client.close();
      }
    },
  };
}

/** The EndpointSlices of a service, as of a version. */
class Slices {
  /** Undefined once it is known no more: everything is to be listed anew. */
  version: string | undefined;
  readonly #client: ApiClient;
  readonly #cluster: Cluster;
  readonly #target: string;
  readonly #namespace: string;
  #all = new Map<string, JsonValue>();

  constructor(client: ApiClient, cluster: Cluster, target: string, namespace: string) {
    this.#client = client;
    this.#cluster = cluster;
    this.#target = target;
    this.#namespace = namespace;
  }

  async list(signal: AbortSignal): Promise<void> {
    const all = new Map<string, JsonValue>();
    let more: string | undefined;
    let version: string | undefined;
    let pages = 0;
    do {
      if (++pages > MOST_PAGES) throw new Error("Kubernetes gives a list without an end");
      const next = more === undefined ? "" : `&continue=${encodeURIComponent(more)}`;
      const { value } = await this.#ask(() =>
        this.#client.get(
          { target: `${this.#target}&limit=${PAGE}${next}`, headers: this.#cluster.headers() },
          signal,
        ),
      );
      const page = new JsonValue(value);
      version = page.at("metadata", "resourceVersion").text;
      if (version === undefined)
        throw new Error("Kubernetes gives no version: is it its API server?");
      for (const slice of page.at("items").list) all.set(nameOf(slice), slice);
      more = page.at("metadata", "continue").text;
    } while (more !== undefined);
    this.#all = all;
    this.version = version;
  }

  /** Gives, for each event, whether anything has changed. Ends when the watch does. */
  async *watch(signal: AbortSignal): AsyncGenerator<boolean, void> {
    const query = `&watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${encodeURIComponent(this.version ?? "")}`;
    const headers = this.#cluster.headers();
    const lines = this.#client.lines({ target: this.#target + query, headers }, signal, WATCH_MS);
    try {
      for await (const line of lines) {
        const event = new JsonValue(line);
        const object = event.at("object");
        if (event.at("type").text === "ERROR") {
          if (object.at("code").integer !== GONE) {
            throw new Error(
              `Kubernetes ends the watch: ${object.at("message").text ?? "no reason"}`,
            );
          }
          this.version = undefined;
          return;
        }
        yield this.#note(event.at("type").text, object);
      }
    } catch (error) {
      if (!(error instanceof ApiStatusError)) throw error;
      if (error.status !== GONE) throw this.#explained(error);
      this.version = undefined;
    }
  }

  backends(port: PortChoice, scheme: string): Discovered {
    const slices = [...this.#all].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const found = slices.flatMap(([, slice]) => sliceBackends(slice, port, scheme));
    // While endpoints move from one slice to another they may be in both: the one that is ready counts.
    const isBackup = (one: (typeof found)[number]): number =>
      one instanceof Error || one.backup ? 1 : 0;
    return found.toSorted((a, b) => isBackup(a) - isBackup(b));
  }

  #note(type: string | undefined, object: JsonValue): boolean {
    this.version = object.at("metadata", "resourceVersion").text ?? this.version;
    // It only says how far the watch has come.
    if (type === "BOOKMARK") return false;
    if (type === "DELETED") this.#all.delete(nameOf(object));
    else if (type === "ADDED" || type === "MODIFIED") this.#all.set(nameOf(object), object);
    return true;
  }

  async #ask<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw error instanceof ApiStatusError ? this.#explained(error) : error;
    }
  }

  #explained(error: ApiStatusError): Error {
    const help =
      error.status === 403
        ? `; the account must be allowed to list and watch endpointslices of discovery.k8s.io in ${this.#namespace}`
        : error.status === 401
          ? "; the token is not valid"
          : "";
    return new Error(error.message + help, { cause: error });
  }
}

function nameOf(slice: JsonValue): string {
  return slice.at("metadata", "name").text ?? "";
}
