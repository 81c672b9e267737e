import type { Endpoint } from "../../upstream/endpoint.ts";
import { backendSchemes, parseEndpoint } from "../../upstream/endpoint.ts";
import type { KeyPath } from "../path-key.ts";
import type { UpstreamConfig } from "../schema/config.ts";
import { suggest } from "../suggest.ts";
import type { Check, CheckContext } from "./check.ts";
import { checkClientPem } from "./pem.ts";
import { checkDiscovery } from "./discovery.ts";

export const checkUpstreams: Check = (context) => {
  const names = new Map<string, number>();
  for (const [index, upstream] of context.config.upstream.entries()) {
    const at = ["upstream", index] as const;
    const first = names.get(upstream.name);
    if (first !== undefined) {
      const where = context.showOrigin(["upstream", first, "name"]);
      context.error(
        [...at, "name"],
        "value",
        `there is an upstream ${JSON.stringify(upstream.name)} already (${where})`,
      );
    } else names.set(upstream.name, index);
    checkBackends(context, at, upstream);
    checkStrategy(context, at, upstream);
    checkQueue(context, at, upstream);
    checkHealthCheck(context, at, upstream);
    checkRanges(context, at, upstream);
    checkTls(context, [...at, "tls"], upstream.tls);
    checkDiscovery(context, [...at, "discovery"], upstream.discovery);
  }
};

function checkBackends(context: CheckContext, at: KeyPath, upstream: UpstreamConfig): void {
  const { backends } = upstream;
  const path = [...at, "backends"];
  const name = context.name(path);
  const isFound = upstream.discovery !== undefined || context.isDamaged([...at, "discovery"]);
  if (backends.length === 0 && !isFound && !context.isDamaged(path)) {
    const help =
      'help: for example backends = ["127.0.0.1:8080"], or discovery = { type = "dns", name = "api.internal", port = 8080 }';
    if (context.isSet(path)) {
      context.error(path, "value", `${name} is empty: there is nobody to ask`, help);
    } else {
      context.error(at, "key", `${context.name(at)} has neither backends nor discovery`, help);
    }
    return;
  }
  const seen = new Set<string>();
  for (const [index, backend] of backends.entries()) {
    const isText = typeof backend === "string";
    const place = isText ? [...path, index] : [...path, index, "url"];
    const endpoint = checkAddress(context, place, isText ? backend : backend.url);
    if (endpoint === undefined) continue;
    if (seen.has(endpoint.name)) {
      const help = "help: a larger share is weight = 2";
      context.error(place, "value", `${endpoint.name} is a backend of it already`, help);
    }
    seen.add(endpoint.name);
  }
  if (
    backends.length > 0 &&
    !isFound &&
    backends.every((backend) => typeof backend === "object" && backend.backup)
  ) {
    context.error(path, "key", `${name} are all backups: one must be none`);
  }
}

function checkAddress(context: CheckContext, path: KeyPath, address: string): Endpoint | undefined {
  try {
    return parseEndpoint(address);
  } catch (error) {
    const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(address)?.[1];
    const known = scheme === undefined || backendSchemes.includes(scheme);
    const close = known ? undefined : suggest(scheme, backendSchemes);
    const [, base] = /^(?:https?:\/\/)?[^/:]+(?::\d+)?(\/[^/].*)$/.exec(address) ?? [];
    let help: string | undefined;
    if (close !== undefined) help = `help: did you mean ${close}://?`;
    else if (base !== undefined) {
      const prefix = JSON.stringify(base.replace(/\/$/, ""));
      help = `help: leave it out, and say rewrite = [{ add = ${prefix} }] in [route.middleware]`;
    }
    context.error(path, "value", `${context.name(path)}: ${(error as Error).message}`, help);
    return undefined;
  }
}

// RFC 9110 5.1 and RFC 6265 4.1.1: a token.
const HASH_BY = /^(?:path|(?:header|cookie):[!#$%&'*+\-.^_`|~0-9A-Za-z]+|query:.+)$/;

function checkStrategy(context: CheckContext, at: KeyPath, upstream: UpstreamConfig): void {
  const { strategy, hash_by: by } = upstream;
  const path = [...at, "hash_by"];
  const name = context.name(path);
  if (by !== undefined && !HASH_BY.test(by)) {
    const [kind = ""] = by.split(":");
    const close = suggest(kind, ["path", "header", "cookie", "query"]);
    context.error(
      path,
      "value",
      `${name} must be "path", "header:NAME", "cookie:NAME" or "query:NAME", not ${JSON.stringify(by)}`,
      close === undefined || close === kind
        ? undefined
        : `help: did you mean ${JSON.stringify(close)}?`,
    );
  } else if (by !== undefined && strategy !== "hash" && !context.isDamaged([...at, "strategy"])) {
    const help = 'help: set strategy = "hash", or leave it out';
    context.error(path, "key", `${name} means nothing for the strategy ${strategy}`, help);
  } else if (by === undefined && strategy === "hash" && !context.isDamaged(path)) {
    const help = 'help: for example hash_by = "header:X-Key"';
    const message = `${context.name(at)} needs "hash_by" for the strategy hash`;
    context.error([...at, "strategy"], "value", message, help);
  }
}

function checkQueue(context: CheckContext, at: KeyPath, upstream: UpstreamConfig): void {
  if (upstream.queue === 0 || upstream.max_in_flight > 0) return;
  if (context.isDamaged([...at, "max_in_flight"])) return;
  const path = [...at, "queue"];
  const message = `${context.name(path)} needs max_in_flight: without a limit nobody waits`;
  context.error(path, "key", message);
}

/** Keys of a health check that only some kinds of it have. */
const KEYS_OF = {
  http: ["path", "method", "host", "headers", "status", "body"],
  tcp: [],
  grpc: ["host", "headers", "service"],
} as const;

function checkHealthCheck(context: CheckContext, at: KeyPath, upstream: UpstreamConfig): void {
  const check = upstream.health_check;
  if (check === undefined) return;
  const path = [...at, "health_check"];
  const own: readonly string[] = KEYS_OF[check.type];
  for (const key of new Set([...KEYS_OF.http, ...KEYS_OF.grpc])) {
    if (own.includes(key) || !context.isSet([...path, key])) continue;
    const message = `${context.name([...path, key])} means nothing for a check of type ${check.type}`;
    context.error([...path, key], "key", message);
  }
  for (const [index, range] of check.status.entries()) {
    if (typeof range === "number" || range.slice(0, 3) <= range.slice(4)) continue;
    const place = [...path, "status", index];
    context.error(place, "value", `${context.name(place)} ends before it begins`);
  }
}

/** What is longest must not be less than what comes first. */
function checkRanges(context: CheckContext, at: KeyPath, upstream: UpstreamConfig): void {
  const { retry, ejection } = upstream;
  if (retry.max_backoff_ms < retry.backoff_ms) {
    lessThan(context, [...at, "retry"], "max_backoff_ms", "backoff_ms");
  }
  if (ejection !== undefined && ejection.max_ms < ejection.base_ms) {
    lessThan(context, [...at, "ejection"], "max_ms", "base_ms");
  }
}

function lessThan(context: CheckContext, table: KeyPath, most: string, first: string): void {
  const key = context.isSet([...table, most]) ? most : first;
  const message = `${context.name([...table, most])} is less than ${first}`;
  context.error([...table, key], "value", message);
}

function checkTls(context: CheckContext, at: KeyPath, tls: UpstreamConfig["tls"]): void {
  checkClientPem(context, at, tls);
  if (!tls.verify) {
    const help = "help: name the authority of the backends in ca instead";
    const message = `${context.name([...at, "verify"])} is off: anyone can pose as a backend`;
    context.warn([...at, "verify"], "value", message, help);
  }
}
