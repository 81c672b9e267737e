import type { Context } from "../core/context.ts";
import { HttpError } from "../core/errors.ts";
import type { Forwarded } from "../core/forwarded.ts";
import type { ForwardedElement } from "../http/forwarded.ts";
import { addressNode, nodeAddress, writeForwarded } from "../http/forwarded.ts";
import { isField } from "../http/field-name.ts";

/** What a backend is told of the client. */
export interface ForwardingPolicy {
  /**
   * `x-forwarded` sets X-Forwarded-For, -Proto and -Host; `forwarded` sets Forwarded (RFC 7239); `both` sets all;
   * `off` removes them; `keep` passes on what the client sent, for backends that do not rely on it.
   */
  readonly fields: "x-forwarded" | "forwarded" | "both" | "off" | "keep";
  /** Our name in `Via` (RFC 9110 7.6.3), or undefined for none. */
  readonly via: string | undefined;
}

/** X-Forwarded-* and Via, as most backends expect it. */
export const defaultForwarding: ForwardingPolicy = { fields: "x-forwarded", via: "sluice" };

/**
 * Whether a field tells of the client: from whoever is not trusted it is not passed on. CGI and WSGI take
 * `X_Forwarded_For` for `X-Forwarded-For`.
 */
export function isForwarding(name: string): boolean {
  return isForwardingAt(name, 0, name.length);
}

/** The same of the name of so many characters that begins in `text` at `at`. */
export function isForwardingAt(text: string, at: number, length: number): boolean {
  switch (length) {
    case 9:
      return isOneAt(text, at, "forwarded") || isOneAt(text, at, "x-real-ip");
    case 15:
      return isOneAt(text, at, "x-forwarded-for");
    case 16:
      return isOneAt(text, at, "x-forwarded-host") || isOneAt(text, at, "x-forwarded-port");
    case 17:
      return isOneAt(text, at, "x-forwarded-proto");
    case 18:
      return isOneAt(text, at, "x-forwarded-prefix") || isOneAt(text, at, "x-forwarded-server");
    default:
      return false;
  }
}

function isOneAt(text: string, at: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    const code = text.charCodeAt(at + i);
    if ((code === 0x5f ? 0x2d : code | 0x20) !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * Adds what `policy` says. The chain of a peer that the trusted-proxy rule believes is continued, in whatever words it
 * was told; of anybody else nothing is believed.
 */
export function addForwarding(fields: string[], c: Context, policy: ForwardingPolicy): void {
  const { exchange } = c;
  const peer = exchange.connection.remoteAddress;
  const hops = c.forwarded === undefined ? NO_HOPS : hopsOf(c.forwarded, peer);
  if (policy.fields === "x-forwarded" || policy.fields === "both") {
    let chain = "";
    for (const hop of hops) chain += `${nodeAddress(hop.get("for") ?? "")}, `;
    fields.push(
      "X-Forwarded-For",
      chain + peer,
      "X-Forwarded-Proto",
      c.scheme,
      "X-Forwarded-Host",
      c.host,
    );
  }
  if (policy.fields === "forwarded" || policy.fields === "both") {
    let chain = "";
    for (const hop of hops) chain += `${writeForwarded(hop)}, `;
    const host = /^[\w.-]+$/.test(c.host) ? c.host : `"${c.host}"`;
    const node = peer.includes(":") ? `"[${peer}]"` : peer;
    fields.push("Forwarded", `${chain}for=${node};host=${host};proto=${c.scheme}`);
  }
  if (policy.via !== undefined) addVia(fields, exchange.protocol, policy.via);
}

const NO_HOPS: readonly ForwardedElement[] = [];

function hopsOf({ hops, ip }: Forwarded, peer: string): readonly ForwardedElement[] {
  return hops ?? (ip === peer ? NO_HOPS : [new Map([["for", addressNode(ip)]])]);
}

/** So often a request may come by: several of us may stand one behind the other. */
const MOST_PASSES = 10;

/**
 * Continues the Via that is there (RFC 9110 7.6.3).
 * @throws HttpError 508 when the request goes round: it would until there are no descriptors left
 */
function addVia(fields: string[], protocol: string, name: string): void {
  const version = protocol.slice(5);
  const element = `${version} ${name}`;
  for (let i = 0; i < fields.length; i += 2) {
    if (!isField(fields[i] as string, "via")) continue;
    const before = fields[i + 1] as string;
    const passes = before.split(",").filter((one) => one.trimEnd().endsWith(` ${name}`)).length;
    if (passes >= MOST_PASSES) {
      throw new HttpError(508, "proxy_loop", "This address leads back to itself.");
    }
    fields[i + 1] = `${before}, ${element}`;
    return;
  }
  fields.push("Via", element);
}
