import type { Application } from "../../core/exchange.ts";
import type { ServeOptions } from "../settings.ts";
import { resolveSettings } from "../settings.ts";
import type { Identity } from "./privileges.ts";
import type { BoundSocket } from "./bound-socket.ts";
import type { SocketAddress } from "./sockets.ts";

/** One server that a configuration wants. */
export interface PlannedServer {
  readonly name: "server" | "admin";
  readonly app: Application;
  readonly settings: ServeOptions & { readonly host: string; readonly port: number };
}

/** A listener that is not HTTP: a TCP or UDP proxy. What it is depends on its address and `key`. */
export interface PlannedStream {
  readonly transport: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
  /** What cannot be changed while it listens, besides the address. */
  readonly key: string;
  /** Finds out whether it can be served, and changes nothing. @throws CertificateError */
  check(): void;
  /** @param bound for TCP, a descriptor of its own. @throws whatever prevents it */
  open(bound: BoundSocket | undefined): Promise<RunningStream>;
  /** Takes over one that the plan before opened with the same address and key. */
  adopt(running: RunningStream): void;
}

export interface RunningStream {
  readonly url: string;
  /** Stops accepting, and lets what is open end within a deadline. */
  drain(): Promise<void>;
  /** Breaks everything off. */
  close(): void;
}

/** What a configuration comes to: everything a process, or a group of workers, has to run. */
export interface Plan {
  readonly servers: readonly PlannedServer[];
  /** Left out: none. */
  readonly streams?: readonly PlannedStream[];
  /** Processes that share the ports. */
  readonly workers: number;
  /** Milliseconds between not being ready and the end of accepting, for load balancers to notice. */
  readonly drainDelayMs: number;
  readonly identity: Identity | undefined;
}

/** The sockets a plan needs. */
export function socketAddresses(plan: Plan): SocketAddress[] {
  const streams = (plan.streams ?? []).flatMap(streamSocket);
  const servers = plan.servers.flatMap(({ name, settings: { host, port, redirect } }) => {
    const own: SocketAddress = { name, host, port };
    return redirect === undefined
      ? [own]
      : [own, { name: "redirect" as const, host, port: redirect.port }];
  });
  return [...servers, ...streams];
}

/** A UDP port cannot be shared: whoever serves it binds it. */
export function streamSocket({ transport, host, port }: PlannedStream): SocketAddress[] {
  return transport === "tcp" ? [{ name: "stream", host, port }] : [];
}

/** The longest that one of its servers may take to drain. */
export function drainMsOf(plan: Plan): number {
  return Math.max(0, ...plan.servers.map(({ settings }) => resolveSettings(settings).drainMs));
}

/** Whether a server is to have an HTTP/3 port. */
export function hasHttp3(settings: ServeOptions): boolean {
  return settings.tls !== undefined && resolveSettings(settings).http3;
}

/** Whether a plan has a UDP port, for HTTP/3 or to pass on. */
export function wantsUdp({ servers, streams = [] }: Plan): boolean {
  return (
    servers.some(({ settings }) => hasHttp3(settings)) ||
    streams.some(({ transport }) => transport === "udp")
  );
}

/** Whether the listener of one can serve the other; everything else can be swapped. */
export function sameListener(one: PlannedServer, other: PlannedServer): boolean {
  return listenerKey(one) === listenerKey(other);
}

/** Whether two plans have the same listeners. */
export function sameListeners(one: Plan, other: Plan): boolean {
  return listenerKeys(one) === listenerKeys(other);
}

function listenerKeys({ servers, streams = [] }: Plan): string {
  return [...servers.map(listenerKey), ...streams.map(streamKey)].join("\n");
}

/** What a stream is known by through reloads. */
export function streamKey({ transport, host, port, key }: PlannedStream): string {
  return `${transport} ${host} ${port} ${key}`;
}

function listenerKey({ name, settings }: PlannedServer): string {
  const { host, port, http2, http3, tls, redirect, proxyProtocol } = resolveSettings(settings);
  return JSON.stringify([
    name,
    host,
    port,
    http2,
    http3,
    tls !== undefined,
    redirect,
    proxyProtocol,
  ]);
}
