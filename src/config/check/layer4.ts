import { IpNetworks } from "../../http/ip-networks.ts";
import type { KeyPath } from "../path-key.ts";
import type { Config } from "../schema/config.ts";
import { parseListen } from "../schema/listen.ts";
import type { Check, CheckContext } from "./check.ts";
import { overlap } from "./listeners.ts";
import { checkPair } from "./tls.ts";

type TcpConfig = Config["tcp_proxy"][number];

interface Listener {
  readonly what: string;
  readonly transport: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
}

/** `[[tcp_proxy]]` and `[[udp_proxy]]`: that they can listen, and that what they say fits together. */
export const checkLayer4: Check = (context) => {
  const { tcp_proxy: tcp, udp_proxy: udp } = context.config;
  const taken = httpListeners(context.config);
  for (const [index, proxy] of tcp.entries()) {
    const at = ["tcp_proxy", index];
    claim(context, at, "tcp", proxy.listen, taken);
    checkTcp(context, at, proxy);
    checkHealth(context, [...at, "health_check"], proxy.health_check);
  }
  for (const [index, proxy] of udp.entries()) {
    const at = ["udp_proxy", index];
    claim(context, at, "udp", proxy.listen, taken);
    if (proxy.health_check?.type === "tcp") {
      checkHealth(context, [...at, "health_check"], proxy.health_check);
    }
    for (const [number, backend] of proxy.backends.entries()) {
      const address = typeof backend === "string" ? backend : backend.address;
      if (!address.startsWith("unix:")) continue;
      const message = `${context.name(at)} cannot reach ${address}: datagrams go to host:port`;
      context.error([...at, "backends", number], "value", message);
    }
  }
};

function httpListeners({ server, admin, route, tcp_proxy, udp_proxy }: Config): Listener[] {
  const listeners: Listener[] = [];
  const { host, port, tls, certificate } = server;
  // Without routes, and with something else to do, there is no HTTP server.
  if (route.length > 0 || tcp_proxy.length + udp_proxy.length === 0) {
    const what = "the server";
    listeners.push({ what, transport: "tcp", host, port });
    const hasTls = tls !== undefined || certificate.length > 0;
    if (hasTls && server.http3 !== false) listeners.push({ what, transport: "udp", host, port });
    if (tls?.redirect !== undefined) {
      const redirect = { what: "the redirect listener", transport: "tcp" as const, host };
      listeners.push({ ...redirect, port: tls.redirect.port });
    }
  }
  if (admin !== undefined) {
    const { host: adminHost, port: adminPort } = admin;
    const what = "the admin listener";
    listeners.push({ what, transport: "tcp", host: adminHost, port: adminPort });
  }
  return listeners;
}

function claim(
  context: CheckContext,
  at: KeyPath,
  transport: "tcp" | "udp",
  listen: string,
  taken: Listener[],
): void {
  const { host, port } = parseListen(listen);
  const what = context.name(at);
  const other = taken.find(
    (one) =>
      one.transport === transport && one.port === port && port !== 0 && overlap(one.host, host),
  );
  taken.push({ what, transport, host, port });
  if (other === undefined) return;
  context.error(
    [...at, "listen"],
    "value",
    `${what} and ${other.what} both want ${transport.toUpperCase()} port ${port}`,
    "help: give one of them another port",
  );
}

function checkTcp(context: CheckContext, at: KeyPath, proxy: TcpConfig): void {
  const name = context.name(at);
  if (proxy.backends.length === 0 && proxy.sni.length === 0 && !context.isDamaged(at)) {
    const help = 'help: add backends = ["10.0.0.1:5432"]';
    context.error(at, "key", `${name} has no backends`, help);
  }
  if (proxy.tls !== undefined) {
    checkPair(context, [...at, "tls"], proxy.tls);
    if (proxy.sni.length > 0) {
      const help = "help: leave tls out to pass connections on encrypted, or sni to decrypt them";
      context.error([...at, "sni"], "key", `${name}.sni and ${name}.tls exclude each other`, help);
    }
  }
  checkTrust(context, at, proxy);
  const seen = new Set<string>();
  for (const [index, { names }] of proxy.sni.entries()) {
    for (const [number, one] of names.entries()) {
      const key = one.toLowerCase();
      if (seen.has(key)) {
        const path = [...at, "sni", index, "names", number];
        context.warn(path, "value", `${one} is in an entry before this one, which counts`);
      }
      seen.add(key);
    }
  }
}

function checkHealth(
  context: CheckContext,
  at: KeyPath,
  check: { send?: string | undefined; expect?: string | undefined } | undefined,
): void {
  if (check?.send === undefined || check.expect !== undefined) return;
  if (context.isDamaged([...at, "expect"])) return;
  const message = `${context.name([...at, "send"])} needs expect: without it nobody looks at the answer`;
  context.error([...at, "send"], "key", message);
}

function checkTrust(context: CheckContext, at: KeyPath, proxy: TcpConfig): void {
  const name = context.name(at);
  const { accept_proxy_protocol: accepts, trusted_proxies: trusted } = proxy;
  for (const [index, entry] of trusted.entries()) {
    try {
      new IpNetworks([entry]);
    } catch (error) {
      context.error([...at, "trusted_proxies", index], "value", (error as Error).message);
    }
  }
  if (accepts && trusted.length === 0 && !context.isDamaged([...at, "trusted_proxies"])) {
    context.error(
      [...at, "accept_proxy_protocol"],
      "key",
      `${name}.accept_proxy_protocol needs trusted_proxies: anybody could claim any address`,
      'help: add trusted_proxies = ["10.0.0.0/8"] with the addresses of your proxies',
    );
  } else if (!accepts && trusted.length > 0) {
    const message = `${name}.trusted_proxies does nothing without accept_proxy_protocol = true`;
    context.warn([...at, "trusted_proxies"], "key", message);
  }
}
