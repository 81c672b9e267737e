import type { RouteConfig } from "../../config/schema/config.ts";
import type { Exchange } from "../../core/exchange.ts";
import { IpNetworks } from "../../http/ip-networks.ts";
import { essenceOf } from "../../http/media-type.ts";
import type { Matcher } from "./matcher.ts";
import { hostMatcher, pathMatcher } from "./place.ts";
import { agreesWith, namedMatchers } from "./values.ts";

/** The address of the client, by the trusted-proxy rule. */
export type ClientOf = (exchange: Exchange) => string;

type Match = RouteConfig["match"];
type Group = NonNullable<Match["not"]>;

/** What a route asks beyond host, path and method, in the order of its cost. */
export function conditionsOf(match: Match, clientOf: ClientOf): Matcher[] {
  const matchers = plainConditions(match, clientOf);
  const { any, not } = match;
  if (any !== undefined) {
    const groups = any.map((group) => groupMatchers(group, clientOf));
    matchers.push({
      name: "any",
      wanted: any.map((group) => JSON.stringify(group)).join(" or "),
      holds: (exchange) => groups.some((group) => allHold(group, exchange)),
    });
  }
  if (not !== undefined) {
    const group = groupMatchers(not, clientOf);
    matchers.push({
      name: "not",
      wanted: `not ${JSON.stringify(not)}`,
      holds: (exchange) => !allHold(group, exchange),
    });
  }
  return matchers;
}

export function allHold(matchers: readonly Matcher[], exchange: Exchange): boolean {
  for (let i = 0; i < matchers.length; i++) {
    if (!(matchers[i] as Matcher).holds(exchange)) return false;
  }
  return true;
}

/** A table of matchers that have to agree as a whole. */
export function groupMatchers(group: Group, clientOf: ClientOf): Matcher[] {
  const { host, path, method } = group;
  const matchers: Matcher[] = [];
  if (host !== undefined) matchers.push(hostMatcher([host].flat()));
  if (path !== undefined) matchers.push(pathMatcher([path].flat()));
  if (method !== undefined) matchers.push(methodMatcher([method].flat()));
  return [...matchers, ...plainConditions(group, clientOf)];
}

/** GET answers HEAD too (RFC 9110 9.3.2), as in the table of routes. */
export function methodMatcher(methods: readonly string[]): Matcher {
  const taken = new Set(methods.includes("GET") ? [...methods, "HEAD"] : methods);
  return {
    name: "method",
    wanted: methods.join(" or "),
    holds: ({ method }) => taken.has(method),
  };
}

function plainConditions(group: Group, clientOf: ClientOf): Matcher[] {
  const matchers: Matcher[] = [];
  const { protocol, client, client_cert: certificate, content_type: types } = group;
  if (protocol !== undefined) {
    const tests = [protocol].flat().map((one) => PROTOCOLS[one]);
    const wanted = [protocol].flat().join(" or ");
    const holds = (exchange: Exchange): boolean => tests.some((test) => test(exchange));
    matchers.push({ name: "protocol", wanted, holds });
  }
  if (client !== undefined) {
    const networks = new IpNetworks([client].flat());
    const wanted = [client].flat().join(" or ");
    const holds = (exchange: Exchange): boolean => networks.has(clientOf(exchange));
    matchers.push({ name: "client", wanted, holds });
  }
  matchers.push(...namedMatchers("header", group.header));
  if (types !== undefined) matchers.push(contentType([types].flat()));
  matchers.push(...namedMatchers("cookie", group.cookie));
  matchers.push(...namedMatchers("query", group.query));
  if (certificate !== undefined) matchers.push(clientCertificate(certificate));
  return matchers;
}

function contentType(types: readonly string[]): Matcher {
  const wanted = types.map((type) => type.toLowerCase());
  const holds = ({ headers }: Exchange): boolean => {
    const type = essenceOf(headers.get("content-type") ?? "");
    return wanted.some((one) =>
      one.endsWith("/*") ? type.startsWith(one.slice(0, -1)) : type === one,
    );
  };
  return { name: "content_type", wanted: wanted.join(" or "), holds };
}

function clientCertificate(wanted: NonNullable<Group["client_cert"]>): Matcher {
  const { subject = "*", fingerprint = "*", san = "*" } = wanted === true ? {} : wanted;
  const [isSubject, isFingerprint, isName] = [subject, fingerprint, san].map(agreesWith) as [
    (value: string) => boolean,
    (value: string) => boolean,
    (value: string) => boolean,
  ];
  return {
    name: "client_cert",
    wanted: wanted === true ? "any" : JSON.stringify(wanted),
    holds({ connection }) {
      const sent = connection.tls?.clientCertificate;
      if (sent === undefined) return false;
      const named = san === "*" || sent.altNames.some(isName);
      return named && isSubject(sent.subject) && isFingerprint(sent.fingerprint);
    },
  };
}

type ProtocolName = "http1" | "http2" | "http3" | "websocket" | "grpc" | "http" | "https";

const PROTOCOLS: Readonly<Record<ProtocolName, (exchange: Exchange) => boolean>> = {
  http1: ({ protocol }) => protocol === "HTTP/1.1" || protocol === "HTTP/1.0",
  http2: ({ protocol }) => protocol === "HTTP/2",
  http3: ({ protocol }) => protocol === "HTTP/3",
  http: ({ scheme }) => scheme === "http",
  https: ({ scheme }) => scheme === "https",
  websocket: ({ upgradeProtocol }) =>
    upgradeProtocol?.split(",").some((one) => one.trim() === "websocket") ?? false,
  grpc: ({ headers }) => /^application\/grpc(?:[+;]|$)/i.test(headers.get("content-type") ?? ""),
};
