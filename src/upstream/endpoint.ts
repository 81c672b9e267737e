/** What a backend speaks. */
export type BackendProtocol = "http1" | "h2";

/** Where a backend is and how to speak to it. */
export interface Endpoint {
  /** As it is shown in logs, metrics and messages: a URL. */
  readonly name: string;
  readonly protocol: BackendProtocol;
  readonly tls: boolean;
  /** A name or an IP address; undefined for a unix socket. */
  readonly host: string | undefined;
  readonly port: number;
  /** Path of a unix socket. */
  readonly unix: string | undefined;
  /** What is sent as Host when that is not the client's. */
  readonly authority: string;
}

const SCHEMES: Readonly<Record<string, { protocol: BackendProtocol; tls: boolean }>> = {
  http: { protocol: "http1", tls: false },
  ws: { protocol: "http1", tls: false },
  https: { protocol: "http1", tls: true },
  wss: { protocol: "http1", tls: true },
  h2: { protocol: "h2", tls: false },
  h2c: { protocol: "h2", tls: false },
  grpc: { protocol: "h2", tls: false },
  h2s: { protocol: "h2", tls: true },
  grpcs: { protocol: "h2", tls: true },
};

/** Schemes a backend may have. */
export const backendSchemes: readonly string[] = Object.keys(SCHEMES);

/**
 * Reads the address of a backend: `10.0.0.1:8080`, `https://host:8443`, `h2://host:50051`, `unix:/run/app.sock`.
 * @throws TypeError that says what is expected
 */
export function parseEndpoint(address: string): Endpoint {
  const [, scheme = "http", rest = ""] = /^(?:([a-z][a-z0-9]*):\/\/)?(.*)$/.exec(address) ?? [];
  if (address.startsWith("unix:")) return unixEndpoint(address, address.slice(5));
  const kind = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (kind === undefined) {
    throw new TypeError(
      `${scheme}:// is none of ${backendSchemes.map((one) => `${one}://`).join(", ")}`,
    );
  }
  if (rest.startsWith("unix:")) return unixEndpoint(`${scheme}://${rest}`, rest.slice(5), kind);
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::(\d{1,5}))?\/?$/.exec(rest);
  const port = Number(match?.[2] ?? (kind.tls ? 443 : 80));
  if (match === null) {
    throw new TypeError(`${address} is no host with an optional port; a backend has no path`);
  }
  if (port < 1 || port > 65_535) {
    throw new TypeError(`${address} has a port that is none: they go from 1 to 65535`);
  }
  const host = (match[1] as string).toLowerCase();
  return {
    ...kind,
    name: `${scheme}://${host}:${port}`,
    host: host.replace(/^\[|\]$/g, ""),
    port,
    unix: undefined,
    authority: port === (kind.tls ? 443 : 80) ? host : `${host}:${port}`,
  };
}

function unixEndpoint(
  name: string,
  path: string,
  kind: { protocol: BackendProtocol; tls: boolean } = { protocol: "http1", tls: false },
): Endpoint {
  // The length of sun_path (unix(7)), its final zero counted.
  if (!path.startsWith("/") || Buffer.byteLength(path) > 107) {
    throw new TypeError(`${name} must name a socket by an absolute path of at most 107 bytes`);
  }
  return { ...kind, name, host: undefined, port: 0, unix: path, authority: "localhost" };
}
