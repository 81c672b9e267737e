import type { Application } from "../../core/exchange.ts";
import type { ServeOptions } from "../settings.ts";
import { resolveSettings } from "../settings.ts";
import type { Identity } from "./privileges.ts";
import type { SocketAddress } from "./sockets.ts";

/** One server that a configuration wants. */
export interface PlannedServer {
  readonly name: "server" | "admin";
  readonly app: Application;
  readonly settings: ServeOptions & { readonly host: string; readonly port: number };
}

/** What a configuration comes to: everything a process, or a group of workers, has to run. */
export interface Plan {
  readonly servers: readonly PlannedServer[];
  /** Processes that share the ports. */
  readonly workers: number;
  /** Milliseconds between not being ready and the end of accepting, for load balancers to notice. */
  readonly drainDelayMs: number;
  readonly identity: Identity | undefined;
}

/** The sockets a plan needs. */
export function socketAddresses(plan: Plan): SocketAddress[] {
  return plan.servers.flatMap(({ name, settings: { host, port, redirect } }) => {
    const own: SocketAddress = { name, host, port };
    return redirect === undefined
      ? [own]
      : [own, { name: "redirect" as const, host, port: redirect.port }];
  });
}

/** The longest that one of its servers may take to drain. */
export function drainMsOf(plan: Plan): number {
  return Math.max(0, ...plan.servers.map(({ settings }) => resolveSettings(settings).drainMs));
}

/** Whether a server is to have an HTTP/3 port. */
export function hasHttp3(settings: ServeOptions): boolean {
  return settings.tls !== undefined && resolveSettings(settings).http3;
}

/** Whether a plan has one with an HTTP/3 port. */
export function wantsHttp3(plan: Plan): boolean {
  return plan.servers.some(({ settings }) => hasHttp3(settings));
}

/** Whether the listener of one can serve the other; everything else can be swapped. */
export function sameListener(one: PlannedServer, other: PlannedServer): boolean {
  return listenerKey(one) === listenerKey(other);
}

/** Whether two plans have the same listeners. */
export function sameListeners(one: Plan, other: Plan): boolean {
  return one.servers.map(listenerKey).join("\n") === other.servers.map(listenerKey).join("\n");
}

function listenerKey({ name, settings }: PlannedServer): string {
  const { host, port, http2, http3, tls, redirect } = resolveSettings(settings);
  return JSON.stringify([name, host, port, http2, http3, tls !== undefined, redirect]);
}
