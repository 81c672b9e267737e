import { variablesWith } from "../../upstream/discovery/env-source.ts";
import { parseBackendLine } from "../../upstream/discovery/backend-line.ts";
import { parseResolver } from "../../upstream/discovery/dns/resolvers.ts";
import { readBackends } from "../../upstream/discovery/file-source.ts";
import { IpNetworks } from "../../http/ip-networks.ts";
import { parseEndpoint } from "../../upstream/endpoint.ts";
import type { KeyPath } from "../path-key.ts";
import type { DiscoveryConfig } from "../schema/config.ts";
import type { CheckContext } from "./check.ts";
import { checkClientPem } from "./pem.ts";

/**
 * What can be said of a discovery without the network. What is only not there yet is a warning: it may be where
 * the gateway runs, and once there are backends a source that fails takes none away.
 */
export function checkDiscovery(
  context: CheckContext,
  at: KeyPath,
  discovery: DiscoveryConfig | undefined,
): void {
  switch (discovery?.type) {
    case "file":
      checkFile(context, [...at, "path"], discovery.path);
      return;
    case "env":
      checkVariables(context, [...at, "prefix"], discovery.prefix);
      return;
    case "dns":
    case "dns_srv":
      checkResolvers(context, [...at, "resolvers"], discovery.resolvers);
      checkTimes(context, at, discovery);
      return;
    case "docker":
      checkAddress(context, [...at, "address"], discovery.address);
      checkClientPem(context, at, discovery);
      return;
    case "consul":
      checkAddresses(context, [...at, "addresses"], discovery.addresses);
      checkClientPem(context, at, discovery);
      return;
    case "etcd":
      checkAddresses(context, [...at, "addresses"], discovery.addresses);
      checkClientPem(context, at, discovery);
      checkUser(context, at, discovery);
      return;
    case "kubernetes":
      checkCluster(context, at, discovery);
      checkClientPem(context, at, discovery);
      return;
    case undefined:
  }
}

function checkAddresses(context: CheckContext, at: KeyPath, addresses: readonly string[]): void {
  for (const [index, address] of addresses.entries())
    checkAddress(context, [...at, index], address);
}

/** APIs are asked over HTTP/1.1. */
function checkAddress(context: CheckContext, path: KeyPath, address: string): void {
  try {
    const { protocol, tls, unix } = parseEndpoint(address);
    const isHttp = protocol === "http1" && !/^wss?:/.test(address);
    if (!isHttp) {
      const message = `${context.name(path)} must be http://, https:// or unix:, not ${address}`;
      context.error(path, "value", message);
    } else if (!tls && unix === undefined) warnOfPlainText(context, path, address);
  } catch (error) {
    const help = address.startsWith("/") ? `help: write "unix:${address}"` : undefined;
    context.error(path, "value", `${context.name(path)}: ${(error as Error).message}`, help);
  }
}

/** Tokens and passwords would be sent for all to read. */
function warnOfPlainText(context: CheckContext, path: KeyPath, address: string): void {
  const at = path.slice(0, path.findLastIndex((part) => part === "discovery") + 1);
  const hasSecret = ["token", "token_file", "password"].some((key) => context.isSet([...at, key]));
  const { host = "" } = parseEndpoint(address);
  if (!hasSecret || host === "localhost" || new IpNetworks(["loopback"]).has(host)) return;
  const message = `${address} is not encrypted: whoever listens learns the secret that is sent to it`;
  context.warn(
    path,
    "value",
    message,
    "help: use https://, with ca where it is an authority of your own",
  );
}

function checkUser(
  context: CheckContext,
  at: KeyPath,
  { user, password }: { user?: string | undefined; password?: string | undefined },
): void {
  const [has, needs] = user === undefined ? ["password", "user"] : ["user", "password"];
  if ((user === undefined) === (password === undefined) || context.isDamaged([...at, needs]))
    return;
  const path = [...at, has];
  context.error(path, "key", `${context.name(path)} needs ${needs} beside it`);
}

function checkCluster(
  context: CheckContext,
  at: KeyPath,
  discovery: Extract<DiscoveryConfig, { type: "kubernetes" }>,
): void {
  const { api_server: server, token, token_file: file } = discovery;
  if (token !== undefined && file !== undefined) {
    const message = `${context.name([...at, "token_file"])} and token exclude each other`;
    context.error([...at, "token_file"], "key", message);
  }
  if (server !== undefined) checkAddress(context, [...at, "api_server"], server);
  else if ((context.env["KUBERNETES_SERVICE_HOST"] ?? "") === "") {
    const message = `${context.name(at)} finds its cluster only in a pod of Kubernetes, and this is none`;
    context.warn(at, "key", message, 'help: elsewhere set api_server = "https://…"');
  }
}

function checkFile(context: CheckContext, path: KeyPath, file: string): void {
  try {
    readBackends(file);
  } catch (error) {
    const help = "help: as long as it is so, the file gives no backends";
    context.warn(path, "value", (error as Error).message, help);
  }
}

function checkVariables(context: CheckContext, path: KeyPath, prefix: string): void {
  const variables = variablesWith(prefix, context.env);
  if (variables.length === 0) {
    const help = `help: for example ${prefix}1=10.0.0.1:8080`;
    context.warn(path, "value", `no variable of the environment begins with ${prefix}`, help);
  }
  for (const [name, value] of variables) {
    try {
      parseEndpoint(parseBackendLine(value).url);
    } catch (error) {
      context.error(path, "value", `${name}: ${(error as Error).message}`);
    }
  }
}

function checkResolvers(context: CheckContext, at: KeyPath, resolvers: readonly string[]): void {
  for (const [index, resolver] of resolvers.entries()) {
    try {
      parseResolver(resolver);
    } catch (error) {
      const path = [...at, index];
      context.error(path, "value", `${context.name(path)} ${(error as Error).message}`);
    }
  }
}

function checkTimes(
  context: CheckContext,
  at: KeyPath,
  { min_ttl_secs: min, max_ttl_secs: max }: { min_ttl_secs: number; max_ttl_secs: number },
): void {
  if (min <= max) return;
  const key = context.isSet([...at, "max_ttl_secs"]) ? "max_ttl_secs" : "min_ttl_secs";
  const message = `${context.name([...at, "max_ttl_secs"])} is less than min_ttl_secs`;
  context.error([...at, key], "value", message);
}
