import type { BackendOptions } from "../backend-options.ts";
import type { ApiTls } from "./api-client.ts";
import { ApiClient } from "./api-client.ts";
import { backendUrl } from "./backend-url.ts";
import { Changes } from "./changes.ts";
import type { Discovered, DiscoverySource } from "./discovery-source.ts";
import { JsonValue } from "./json-value.ts";
import { pause } from "./pause.ts";

export interface DockerOptions {
  /** Containers with the label `sluice.upstream=NAME` are backends. */
  readonly service: string;
  /** `unix:/var/run/docker.sock`, which is the default, or `http://10.0.0.1:2375`. */
  readonly address?: string;
  readonly tls?: ApiTls;
  /** The network whose addresses are used, where containers have several. */
  readonly network?: string;
  /** The port of containers that have no label `sluice.port`; default: the only one a container exposes. */
  readonly port?: number;
  /** Uses the port that is published on the host in place of the container's own address. Default false. */
  readonly published?: boolean;
  /** How backends are spoken to that have no label `sluice.scheme`. Default `http`. */
  readonly scheme?: string;
}

/** A stream of events begins anew after so long: its peer may be gone. */
const EVENTS_MS = 5 * 60_000;
/** Containers start and stop in groups: they are asked for once. */
const QUIET_MS = 50;
/** What happens to containers and networks that changes an answer. */
const EVENTS = [
  "start",
  "die",
  "destroy",
  "pause",
  "unpause",
  "rename",
  "update",
  "health_status",
  "connect",
  "disconnect",
];

/**
 * Containers with a label, asked of the Docker Engine (or Podman) and watched by its events.
 *
 * Labels: `sluice.upstream=NAME`, and if wanted `sluice.port=8080`, `sluice.weight=3`, `sluice.backup=true`,
 * `sluice.scheme=h2`, `sluice.network=web`. A container whose health check fails or has not succeeded yet is none.
 * @example
 * const api = new Upstream({ name: "api", backends: [], discovery: fromDocker({ service: "api" }) });
 * api.start();
 */
export function fromDocker(options: DockerOptions): DiscoverySource {
  const { service, address = "unix:/var/run/docker.sock", tls } = options;
  // Without a version in its path it is the newest the engine has: it refuses those that are too old for it.
  const containers = `/containers/json?filters=${filter({
    label: [`sluice.upstream=${service}`],
    status: ["running"],
  })}`;
  return {
    name: `docker ${service}`,
    async *watch(signal) {
      const client = new ApiClient({ name: "Docker", addresses: [address], ...(tls && { tls }) });
      const list = async (): Promise<Discovered> => {
        const { value } = await client.get({ target: containers }, signal);
        if (!Array.isArray(value)) throw new Error("Docker answers with no list");
        return new JsonValue(value).list.flatMap((one) => backendOf(one, options));
      };
      const ending = new AbortController();
      const stop = (): void => ending.abort(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      try {
        while (!signal.aborted) {
          // What happens from now on is seen, if need be twice.
          const since = Math.floor(Date.now() / 1000) - 1;
          const target = `/events?since=${since}&filters=${filter({ type: ["container", "network"], event: EVENTS })}`;
          const events = new Events(client.lines({ target }, ending.signal, EVENTS_MS));
          do {
            yield await list();
            await events.next(signal);
            await pause(QUIET_MS, signal);
          } while (!events.ended && !signal.aborted);
        }
      } finally {
        ending.abort(new Error("nobody wants to know any more"));
        signal.removeEventListener("abort", stop);
        client.close();
      }
    },
  };
}

/** Reads a stream of events to its end, whose content does not matter. */
class Events {
  ended = false;
  #error: unknown;
  readonly #changes = new Changes();

  constructor(lines: AsyncIterable<unknown>) {
    void this.#read(lines);
  }

  /** Settles after an event, or the end. @throws what ended it */
  async next(signal: AbortSignal): Promise<void> {
    await this.#changes.next(signal);
    if (this.#error !== undefined && !signal.aborted) throw this.#error as Error;
  }

  async #read(lines: AsyncIterable<unknown>): Promise<void> {
    try {
      for await (const _ of lines) this.#changes.note();
    } catch (error) {
      this.#error = error;
    }
    this.ended = true;
    this.#changes.note();
  }
}

function filter(filters: Readonly<Record<string, readonly string[]>>): string {
  return encodeURIComponent(JSON.stringify(filters));
}

function backendOf(container: JsonValue, options: DockerOptions): (BackendOptions | Error)[] {
  const label = (name: string): string | undefined => container.at("Labels", `sluice.${name}`).text;
  // "Up 3 minutes (unhealthy)", "Up 2 seconds (health: starting)"
  if (/\((?:unhealthy|health: starting)\)/.test(container.at("Status").text ?? "")) return [];
  const name = container.at("Names").list[0]?.text?.replace(/^\//, "") ?? "a container";
  try {
    const { host, port } = options.published
      ? publishedAt(container, portOf(container, label("port"), options))
      : {
          host: addressOf(container, label("network") ?? options.network),
          port: portOf(container, label("port"), options),
        };
    const weight = label("weight");
    const scheme = label("scheme") ?? options.scheme ?? "http";
    return [
      {
        url: backendUrl(scheme, host, port),
        ...(weight !== undefined && { weight: Number(weight) }),
        ...(label("backup") === "true" && { backup: true }),
      },
    ];
  } catch (error) {
    return [new Error(`container ${name} ${(error as Error).message}`, { cause: error })];
  }
}

function addressOf(container: JsonValue, wanted: string | undefined): string {
  if (container.at("HostConfig", "NetworkMode").text === "host") return "127.0.0.1";
  const networks = container.at("NetworkSettings", "Networks").members;
  const found = networks.filter(([name]) => wanted === undefined || name === wanted);
  if (wanted !== undefined && found.length === 0)
    throw new Error(`is not in the network ${wanted}`);
  for (const [, network] of found) {
    const address = network.at("IPAddress").text ?? network.at("GlobalIPv6Address").text;
    if (address !== undefined) return address;
  }
  throw new Error("has no address");
}

/** The label's, else the setting's, else the only one that it exposes. */
function portOf(
  container: JsonValue,
  label: string | undefined,
  { port }: Pick<DockerOptions, "port">,
): number {
  if (label !== undefined) {
    const number = Number(label);
    if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
    throw new Error(`has a label sluice.port that is no port: ${label}`);
  }
  if (port !== undefined) return port;
  const exposed = new Set(
    container
      .at("Ports")
      .list.filter((one) => one.at("Type").text === "tcp")
      .map((one) => one.at("PrivatePort").integer),
  );
  const [only] = exposed;
  if (only !== undefined && exposed.size === 1) return only;
  const how = exposed.size === 0 ? "exposes no port" : "exposes several ports";
  throw new Error(`${how}: give it a label sluice.port`);
}

function publishedAt(container: JsonValue, inner: number): { host: string; port: number } {
  for (const one of container.at("Ports").list) {
    const port = one.at("PublicPort").integer;
    if (one.at("PrivatePort").integer !== inner || port === undefined) continue;
    const host = one.at("IP").text ?? "";
    // Published on all addresses: this one reaches it.
    return { host: host === "" || host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host, port };
  }
  throw new Error(`does not publish its port ${inner}`);
}
