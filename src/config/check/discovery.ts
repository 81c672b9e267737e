import { variablesWith } from "../../upstream/discovery/env-source.ts";
import { parseBackendLine } from "../../upstream/discovery/backend-line.ts";
import { parseResolver } from "../../upstream/discovery/dns/resolvers.ts";
import { readBackends } from "../../upstream/discovery/file-source.ts";
import { parseEndpoint } from "../../upstream/endpoint.ts";
import type { KeyPath } from "../path-key.ts";
import type { DiscoveryConfig } from "../schema/config.ts";
import type { CheckContext } from "./check.ts";

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
    case undefined:
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
